package proxy_test

import (
	"flag"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

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
			cfg, err := rules.Load(terraformOf(t, head))
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) { // "@wait 1m" takes no time
				got := head + "\n---\n" + playAll(t, cfg, cases)
				compareGolden(t, name, got, want)
			})
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

// playAll runs the requests of a file and gives the text with their answers
// filled in.
func playAll(t *testing.T, cfg *rules.Config, cases string) string {
	var out []string
	var r *rig
	for block := range strings.SplitSeq(strings.TrimSpace(cases), "\n\n") {
		c := parseCase(t, block)
		if c.request == "" && len(c.directives) > 0 {
			t.Fatalf("directives without a request: %q", block)
		}
		if c.request == "" { // a comment on its own
			out = append(out, strings.Join(c.kept, "\n"))
			continue
		}
		if _, again := c.directives["again"]; !again || r == nil {
			r = startRig(t, cfg, c)
		}
		out = append(out, strings.Join(append(c.kept, r.play(t, c)...), "\n"))
	}
	if r == nil {
		t.Fatal("no request")
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

// directives are those of testdata/README.md; a misspelt one must not be overlooked.
var directives = strings.Fields("show from plaintext listener no-target refuses targets again forget wait sick well deregister register times answer log")

func parseCase(t *testing.T, block string) goldenCase {
	t.Helper()
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
			if !slices.Contains(directives, name) {
				t.Fatalf("no directive @%s", name)
			}
			c.directives[name] = value
		case c.request == "":
			c.request = line
		case !strings.Contains(line, ":"):
			t.Fatalf("%q is no header", line)
		default:
			c.headers = append(c.headers, line)
		}
	}
	return c
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
