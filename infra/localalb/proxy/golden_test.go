package proxy_test

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sixseat/sixseat/infra/localalb/proxy"
	"github.com/sixseat/sixseat/infra/localalb/rules"
)

var update = flag.Bool("update", false, "rewrite the golden files with what came out; read the diff")

// TestGolden_requestsGoWhereTheRulesSay runs each file of testdata/route: the
// Terraform on top, then requests with the answer each must get. The form is
// described in testdata/README.md; a new case needs no Go.
func TestGolden_requestsGoWhereTheRulesSay(t *testing.T) {
	for _, name := range goldenFiles(t, "route") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			want := readFile(t, name)
			head, cases, ok := strings.Cut(want, "\n---\n")
			if !ok {
				t.Fatalf("%s has no line --- between Terraform and requests", name)
			}
			r := startRig(t, head)
			got := head + "\n---\n" + r.playAll(t, cases)
			compareGolden(t, name, got, want)
		})
	}
}

// TestGolden_refusalsNameLineAndReason runs each file of testdata/refuse: the
// Terraform on top, then the problems the loader must report.
func TestGolden_refusalsNameLineAndReason(t *testing.T) {
	for _, name := range goldenFiles(t, "refuse") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			want := readFile(t, name)
			head, _, _ := strings.Cut(want, "\n---\n")
			_, err := rules.Load(terraformOf(t, head))
			if err == nil {
				t.Fatalf("%s was accepted", name)
			}
			compareGolden(t, name, head+"\n---\n"+err.Error()+"\n", want)
		})
	}
}

func goldenFiles(t *testing.T, kind string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", "testdata", kind, "*.txt"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden files in testdata/%s (error: %v)", kind, err)
	}
	return names
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func compareGolden(t *testing.T, name, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s differs; if what came out is right, run the test with -update\ngot:\n%s\nwant:\n%s", name, got, want)
}

// terraformOf gives the Terraform of a case: written out, or "@dir DIR" for a
// folder as seen from testdata.
func terraformOf(t *testing.T, head string) fs.FS {
	t.Helper()
	if dir, ok := strings.CutPrefix(lastLine(head), "@dir "); ok {
		return os.DirFS(filepath.Join("..", "testdata", dir))
	}
	return fstest.MapFS{"case.tf": &fstest.MapFile{Data: []byte(head)}}
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

const balancerAddress = "10.0.0.1:443"

// rig is a balancer in front of one echoing target per group.
type rig struct {
	net    *memnet // a fresh one for each request
	config *rules.Config
}

func startRig(t *testing.T, head string) *rig {
	t.Helper()
	cfg, err := rules.Load(terraformOf(t, head))
	if err != nil {
		t.Fatal(err)
	}
	return &rig{config: cfg}
}

// playAll runs the requests of a file and gives the text with their answers
// filled in.
func (r *rig) playAll(t *testing.T, cases string) string {
	var out []string
	for block := range strings.SplitSeq(strings.TrimSpace(cases), "\n\n") {
		c := parseCase(block)
		if c.request == "" { // a comment on its own
			out = append(out, strings.Join(c.kept, "\n"))
			continue
		}
		out = append(out, strings.Join(append(c.kept, r.play(t, c)...), "\n"))
	}
	return strings.Join(out, "\n\n") + "\n"
}

// goldenCase is one request of a golden file.
type goldenCase struct {
	kept       []string // the lines as written, without the expected answer
	request    string   // "GET /path"
	headers    []string
	directives map[string]string // "@name value"
}

var repeated = regexp.MustCompile(`\{(.)\*(\d+)\}`) // {a*300} stands for 300 times "a"

func parseCase(block string) goldenCase {
	c := goldenCase{directives: map[string]string{}}
	for line := range strings.SplitSeq(block, "\n") {
		if strings.HasPrefix(line, "> ") {
			continue
		}
		c.kept = append(c.kept, line)
		line = repeated.ReplaceAllStringFunc(line, func(m string) string {
			n, _ := strconv.Atoi(m[3 : len(m)-1])
			return strings.Repeat(m[1:2], n)
		})
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "@"):
			name, value, _ := strings.Cut(line[1:], " ")
			c.directives[name] = value
		case c.request == "":
			c.request = line
		default:
			c.headers = append(c.headers, line)
		}
	}
	return c
}

// play sends one request to a fresh balancer and describes the answer.
func (r *rig) play(t *testing.T, c goldenCase) []string {
	t.Helper()
	r.net = newMemnet()
	targets := map[string][]string{}
	for i, group := range sortedKeys(r.config.TargetGroups) {
		name := group[strings.LastIndexByte(group, '.')+1:]
		address := fmt.Sprintf("10.0.1.%d:8080", i+1)
		if c.directives["no-target"] != name {
			targets[group] = []string{address}
		}
		if c.directives["refuses"] != name {
			serveOn(t, r.net.listen(address), &http.Server{Handler: echo(name)})
		}
	}
	_, plaintext := c.directives["plaintext"]
	listener := "aws_lb_listener.https"
	if l, ok := c.directives["listener"]; ok {
		listener = l
	}
	lb, err := proxy.New(proxy.Options{
		Config: r.config, Listener: listener, Targets: targets,
		AsListener: !plaintext, Dial: r.net.dial, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lb.Close)
	serveOn(t, r.net.listen(balancerAddress), lb.Server())
	res, body := r.send(t, c)
	return describe(res, body, strings.Fields(c.directives["show"]))
}

func (r *rig) send(t *testing.T, c goldenCase) (*http.Response, string) {
	t.Helper()
	peer := netip.MustParseAddr("203.0.113.7")
	if from, ok := c.directives["from"]; ok {
		peer = netip.MustParseAddr(from)
	}
	conn, err := r.net.dialFrom(t.Context(), peer, balancerAddress)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	headers := c.headers
	if !slices.ContainsFunc(headers, func(h string) bool { return strings.HasPrefix(h, "Host:") }) {
		headers = append([]string{"Host: sixseat.example"}, headers...)
	}
	raw := c.request + " HTTP/1.1\r\n" + strings.Join(headers, "\r\n") + "\r\n\r\n"
	go io.WriteString(conn, raw) // the answer may come before all of it is read
	method, _, _ := strings.Cut(c.request, " ")
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s: %v", c.request, err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: %v", c.request, err)
	}
	return res, string(body)
}

const (
	echoed      = "X-Echo-"
	longestEcho = 1000
)

// echo answers with what reached the target.
func echo(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Target", name+": "+r.Method+" "+r.RequestURI)
		w.Header().Set(echoed+"Host", r.Host)
		for header, values := range r.Header {
			if len(strings.Join(values, "")) <= longestEcho { // an answer's headers have a limit, too
				w.Header()[http.CanonicalHeaderKey(echoed+header)] = values
			}
		}
	})
}

var randomTrace = regexp.MustCompile(`1-[0-9a-f]{8}-[0-9a-f]{24}`)

// describe says what came back: of a target's answer what the target saw, of
// the balancer's own answer all that matters.
func describe(res *http.Response, body string, show []string) []string {
	line := func(format string, args ...any) string { return "> " + fmt.Sprintf(format, args...) }
	if target := res.Header.Get("X-Target"); target != "" {
		out := []string{line("%d from %s", res.StatusCode, target)}
		for _, name := range show {
			values := strings.Join(res.Header[http.CanonicalHeaderKey(echoed+name)], " | ")
			values = randomTrace.ReplaceAllString(values, "1-TIME-RANDOM")
			out = append(out, line("%s: %s", name, cmp.Or(values, "(none)")))
		}
		return out
	}
	out := []string{line("%d by %s, %s", res.StatusCode, res.Header.Get("Server"), res.Header.Get("Content-Type"))}
	if location := res.Header.Get("Location"); location != "" {
		out = append(out, line("Location: %s", location))
	}
	if !strings.HasPrefix(body, "<html>") && body != "" {
		out = append(out, line("%s", body))
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// serveOn serves until the test ends, and waits for the server to be gone.
func serveOn(t *testing.T, l net.Listener, s *http.Server) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l) // always an error: the one that Close causes
	}()
	t.Cleanup(func() {
		s.Close()
		<-done
	})
}
