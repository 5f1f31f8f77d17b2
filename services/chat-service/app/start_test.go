package app

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestServe_withoutPostgres runs the real binary: a person who starts it reads one line
// that names the host and what to do.
func TestServe_withoutPostgres(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "chat-service")
	if out, err := exec.Command("go", "build", "-o", binary, "..").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for _, c := range []struct{ what, verb, url, says string }{
		{"nobody listens", "serve", "postgres://user:secret@" + refusing + "/chat", refusing},
		{"nobody listens", "migrate", "postgres://user:secret@" + refusing + "/chat", refusing},
		{"nobody answers", "serve", "postgres://user:secret@" + silent.Addr().String() + "/chat", silent.Addr().String()},
		{"no such host", "serve", "postgres://user:secret@no-such-host.invalid/chat", "no-such-host.invalid"},
		{"no address", "serve", "", "DATABASE_URL"},
		{"no address that can be read", "serve", "postgres://user:secret@:port:/", "DATABASE_URL"},
	} {
		t.Run(c.verb+" "+c.what, func(t *testing.T) {
			cmd := exec.Command(binary, c.verb)
			cmd.Env = append(os.Environ(), "DATABASE_URL="+c.url, "JWKS_URL=http://127.0.0.1:1/", "ADDR=127.0.0.1:0", "ADMIN_ADDR=127.0.0.1:0")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			begin := time.Now()

			err := cmd.Run()

			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("ended with %v, want exit code 1", err)
			}
			if took := time.Since(begin); took > 10*time.Second {
				t.Errorf("took %v, want it known within 10 s", took)
			}
			out := strings.TrimSuffix(stderr.String(), "\n")
			if strings.Contains(out, "\n") || !strings.Contains(out, c.says) || !strings.Contains(out, "DATABASE_URL") {
				t.Errorf("said %q; want one line that names %s and says to look at DATABASE_URL", out, c.says)
			}
			if strings.Contains(out, "secret") {
				t.Errorf("the password is shown: %s", out)
			}
		})
	}
}

func TestParts_closeWhatWasOpened(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	if err := (Parts{Redis: client}).Close(); err != nil {
		t.Error(err)
	}
	if err := client.Ping(t.Context()).Err(); !errors.Is(err, redis.ErrClosed) {
		t.Errorf("the client is open: %v", err)
	}
	if err := (Parts{}).Close(); err != nil {
		t.Error("without Redis:", err)
	}
}
