// Command arrows checks who may import whom: main -> app -> adapters -> domain -> pkg,
// and that each technology stays in the packages that own it. It reads `go list` of the
// workspace, so generated and embedded things count as well as written ones.
//
//	go run ./arrows ROOT
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sort"
	"strings"
)

const project = "github.com/sixseat/sixseat/"

// owned lists technologies and the only packages that may import them, each with the
// reason that a refused import prints. A trailing * stands for any ending.
var owned = []struct {
	imports string
	in      []string
	why     string
}{
	{"github.com/gin-gonic/gin", []string{"services/*/internal/httpapi", "pkg/tracing"}, "routes and requests are httpapi's business"},
	{"gorm.io/", []string{"services/*/internal/store", "services/*/app", "pkg/database", "pkg/embedded", "infra/onebox/box"}, "SQL stays in store; app only passes a dialector on"},
	{"github.com/jackc/pgx/", []string{"services/*/internal/store", "pkg/database", "pkg/testenv", "infra/capacity/internal/usage"}, "SQL stays in store; usage asks how much was written"},
	{"github.com/redis/go-redis/", []string{"services/*/internal/redis*", "services/*/app", "pkg/embedded", "pkg/redis*", "infra/onebox/box"}, "Redis stays behind redis… adapters; app only passes a client on"},
	{"nhooyr.io/websocket", []string{"services/*/internal/gateway", "pkg/testclient"}, "the socket library is archived: changing it must be one package's work"},
	{"github.com/aws/", []string{"services/*/internal/aws*", "services/*/app", "pkg/aws*", "pkg/embedded"}, "AWS stays in its own adapters"},
	{"github.com/aws/aws-sdk-go-v2/service/s3", []string{"services/chat-service/internal/awspictures", "services/chat-service/internal/awsarchive", "services/chat-service/app", "pkg/embedded"}, "a package that calls S3 has a test which compares its calls with the role's policy: write that, then name it here"},
	{"github.com/glebarez/", []string{"pkg/embedded"}, "no service's binary carries SQLite"},
	{"github.com/alicebob/miniredis", []string{"pkg/embedded"}, "no service's binary carries an embedded Redis"},
	{"github.com/johannesboyne/gofakes3", []string{"pkg/embedded"}, "no service's binary carries an S3 server"},
	{"github.com/rclone/gofakes3", []string{"pkg/embedded"}, "no service's binary carries an S3 server"},
	{project + "pkg/embedded", []string{"infra/onebox/*"}, "no service's binary carries embedded stores"},
	{project + "pkg/testenv", nil, "it is for tests"},
	{project + "pkg/awstest", nil, "it is for tests"},
	{project + "pkg/awscalls", nil, "it is for tests"},
	{project + "pkg/erd", nil, "it is for tests"},
	{project + "pkg/metrictest", nil, "it is for tests"},
	{project + "pkg/tracetest", nil, "it is for tests"},
	{project + "pkg/webtest", nil, "it is for tests"},
	{"go.opentelemetry.io/", []string{"pkg/tracing", "pkg/tracetest", "pkg/redisconn"}, "what a trace has in it is decided in one place"},
	{project + "pkg/tracing", []string{"services/*/internal/httpapi", "services/*/app"}, "the domain is not traced; who serves requests is"},
	{"github.com/prometheus/", []string{"pkg/service", "pkg/metrictest", "services/*/app", "services/*/internal/gateway", "services/*/internal/hub", "services/*/internal/store", "services/*/internal/archive", "services/*/internal/orphans", "services/*/internal/redis*", "services/*/internal/aws*", "infra/localalb/proxy", "infra/capacity/internal/usage"}, "the domain does not count; who does shows Collectors to app"},
	{"github.com/getkin/kin-openapi", []string{"pkg/apitest"}, "no service's binary carries what checks its documents"},
	{project + "pkg/apitest", []string{"pkg/testclient", "services/*/internal/stomptest"}, "it is for tests and their clients"},
	{project + "pkg/testclient", []string{"pkg/chatter", "docker/integration"}, "it is for tests"},
	{project + "services/chat-service/internal/stomptest", nil, "it is for tests"},
	{project + "pkg/audit", []string{"pkg/chatter", "docker/integration"}, "it is for tests"},
	{project + "pkg/chatter", []string{"docker/integration"}, "it is for tests"},
}

// domains are the packages in the middle of each service: they know pkg and nothing else
// of the project, and no adapter's technology.
var domains = map[string]bool{
	"services/chat-service/internal/archive":    true,
	"services/chat-service/internal/chat":       true,
	"services/chat-service/internal/live":       true,
	"services/chat-service/internal/orphans":    true,
	"services/match-service/internal/match":     true,
	"services/match-service/internal/catalogue": true,
}

type pkg struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// checked are the imports that the arrows are about: those of tests count where there is
// nothing but tests.
func (p pkg) checked() []string {
	if strings.HasPrefix(p.ImportPath, project+"docker/") {
		return slices.Concat(p.Imports, p.TestImports, p.XTestImports)
	}
	return p.Imports
}

func main() {
	wrong, checked, err := check(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "arrows:", err)
		os.Exit(2)
	}
	for _, line := range wrong {
		fmt.Println(line)
	}
	fmt.Printf("arrows: %d packages, %d wrong imports\n", checked, len(wrong))
	if len(wrong) > 0 || checked == 0 {
		os.Exit(1)
	}
}

func check(args []string) (wrong []string, checked int, err error) {
	if len(args) != 1 {
		return nil, 0, errors.New("usage: arrows ROOT")
	}
	packages, err := list(args[0])
	if err != nil {
		return nil, 0, err
	}
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, project)
		for _, imported := range p.checked() {
			if why := refuse(name, imported); why != "" {
				wrong = append(wrong, fmt.Sprintf("%s imports %s: %s", name, imported, why))
			}
		}
	}
	sort.Strings(wrong)
	return wrong, len(packages), nil
}

func list(root string) ([]pkg, error) {
	args := []string{"list", "-tags", "e2e", "-json=ImportPath,Imports,TestImports,XTestImports"}
	for _, module := range []string{"pkg", "services/chat-service", "services/match-service", "infra/localalb", "infra/onebox", "infra/capacity", "infra/terraform", "docker/integration"} {
		args = append(args, "./"+module+"/...")
	}
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stderr = root, os.Stderr
	cmd.Env = append(os.Environ(), "GOWORK=")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var packages []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages = append(packages, p)
	}
}

// refuse says why package from may not import to, or "".
func refuse(from, to string) string {
	for _, o := range owned {
		if strings.HasPrefix(to, o.imports) && !anyMatch(o.in, from) {
			return o.why
		}
	}
	to, ours := strings.CutPrefix(to, project)
	if !ours {
		return ""
	}
	switch {
	case serviceOf(to) != "" && serviceOf(from) != "" && serviceOf(from) != serviceOf(to):
		return "the two services never import each other"
	case strings.HasPrefix(from, "docker/") && !strings.HasPrefix(to, "pkg/"):
		return "tests of the containers know what clients know, pkg"
	case strings.HasPrefix(from, "infra/capacity") && !strings.HasPrefix(to, "pkg/") && !strings.HasPrefix(to, "infra/capacity/"):
		return "load comes from outside: it knows what clients know, pkg"
	case strings.HasPrefix(from, "pkg/") && !strings.HasPrefix(to, "pkg/"):
		return "pkg knows nobody above it"
	case domains[from] && !strings.HasPrefix(to, "pkg/") && !domains[to]:
		return "the domain knows pkg alone: declare an interface instead"
	case strings.HasSuffix(to, "/app") && strings.Contains(from, "/internal/"):
		return "only main, onebox and tests start an app"
	case isMain(from) && strings.Contains(to, "/internal/"):
		return "main goes through app"
	}
	return ""
}

func isMain(name string) bool { return strings.Count(name, "/") == 1 && serviceOf(name) != "" }

func serviceOf(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) >= 2 && parts[0] == "services" {
		return parts[1]
	}
	return ""
}

func anyMatch(patterns []string, name string) bool {
	for _, p := range patterns {
		if match(strings.Split(p, "/"), strings.Split(name, "/")) {
			return true
		}
	}
	return false
}

func match(pattern, name []string) bool {
	if len(pattern) != len(name) {
		return false
	}
	for i, p := range pattern {
		if prefix, open := strings.CutSuffix(p, "*"); p != name[i] && !(open && strings.HasPrefix(name[i], prefix)) {
			return false
		}
	}
	return true
}
