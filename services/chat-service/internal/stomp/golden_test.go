package stomp

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sixseat/sixseat/pkg/fault"
)

var update = flag.Bool("update", false, "rewrite the golden files; read the diff before you keep it")

// TestDecode_goldenFiles decodes each testdata/frames/*.txt: comments, the version, the
// input with every octet to be seen, a dashed line, what must come of it. The input's
// own line breaks are not part of it. It is decoded whole and octet by octet.
func TestDecode_goldenFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/frames/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files in testdata/frames", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			head, want, _ := strings.Cut(string(content), "---\n")
			version, input := goldenInput(t, head)
			got := outcome(version, input)
			if octets := outcome(version, split(input, 1)...); octets != got {
				t.Errorf("octet by octet it is something else:\n%s", cmp.Diff(octets, got))
			}
			if *update {
				if err := os.WriteFile(file, []byte(head+"---\n"+got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("decodes differently now; if that is meant, run go test -update and read the diff\n%s", diff)
			}
		})
	}
}

// goldenInput reads the upper half of a golden file.
func goldenInput(t *testing.T, head string) (version string, input []byte) {
	t.Helper()
	for line := range strings.Lines(head) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "#"):
		case version == "":
			version = strings.TrimPrefix(line, "version ")
		default:
			input = append(input, unquote(t, line)...)
		}
	}
	return version, input
}

func unquote(t *testing.T, line string) []byte {
	t.Helper()
	var out []byte
	for i := 0; i < len(line); i++ {
		if line[i] != '\\' {
			out = append(out, line[i])
			continue
		}
		i++
		switch line[i] {
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case '0':
			out = append(out, 0)
		case '\\':
			out = append(out, '\\')
		case 'x':
			var c byte
			if _, err := fmt.Sscanf(line[i+1:i+3], "%02x", &c); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			out, i = append(out, c), i+2
		default:
			t.Fatalf(`%q: the escapes of golden files are \n \r \0 \\ \xHH`, line)
		}
	}
	return out
}

// connectedAs makes a decoder in a version, or, for "none", a stranger's.
func connectedAs(version string) *Decoder {
	d := NewDecoder()
	for _, v := range []Version{V10, V11, V12} {
		if v.String() == version {
			d.Connected(v)
		}
	}
	return d
}

// decode feeds pieces one after the other and returns the frames up to the first error.
func decode(d *Decoder, pieces ...[]byte) ([]*Frame, error) {
	var frames []*Frame
	for _, p := range pieces {
		d.Feed(p)
		for {
			f, err := d.Next()
			if err != nil {
				return frames, err
			}
			if f == nil {
				break
			}
			frames = append(frames, f)
		}
	}
	return frames, nil
}

// outcome is what becomes of an input, for people.
func outcome(version string, pieces ...[]byte) string {
	d := connectedAs(version)
	frames, err := decode(d, pieces...)
	var b strings.Builder
	for _, f := range frames {
		fmt.Fprintf(&b, "%s\n", f.Command)
		for _, h := range f.Headers {
			fmt.Fprintf(&b, "  %q = %q\n", h.Name, h.Value)
		}
		if f.Body != nil {
			fmt.Fprintf(&b, "  body %q\n", f.Body)
		}
	}
	switch {
	case err != nil:
		fmt.Fprintf(&b, "error, %s: %v\n", fault.From(err).Kind, err)
	case d.state != between || d.cr:
		b.WriteString("waits for more\n")
	}
	return b.String()
}

// split cuts p into pieces of n octets.
func split(p []byte, n int) [][]byte {
	var pieces [][]byte
	for ; len(p) > n; p = p[n:] {
		pieces = append(pieces, p[:n])
	}
	return append(pieces, p)
}
