package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestCheck_sayWhatIsWrongWithFileAndLine(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "lb.tf"), []byte("resource \"aws_lb\" \"main\" {\n  idle_timeout = 0\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := run(t.Context(), []string{"check", dir}, io.Discard, io.Discard)
	want := filepath.Join(dir, "lb.tf") + ":2: aws_lb.main: idle_timeout = 0 is not a whole number from 1 to 4000"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestCheck_acceptsTheProjectsRules(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"check", "../terraform"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "2 listeners, 2 target groups") {
		t.Errorf("output %q", out.String())
	}
}

func TestCheck_aFolderWithNothingToCheckIsAnError(t *testing.T) {
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "gone")} {
		err := run(t.Context(), []string{"check", dir}, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("got %v, want an error that names %s", err, dir)
		}
	}
}

func TestRun_wrongUseIsAnError(t *testing.T) {
	cases := [][]string{
		nil,
		{"check"},
		{"fly"},
		{"health", "http://127.0.0.1:1/healthz", "too much"},
		{"health", "127.0.0.1:8090"},
		{"serve", "-dir", "../terraform", "too much"},
		{"serve", "-dir", "../terraform", "-admin", "256.0.0.1:1"},
		{"serve", "-dir", "../terraform", "-listener", "aws_lb_listener.gone"},
		{"serve", "-dir", "../terraform", "-target", "no equals sign"},
		{"serve", "-dir", "../terraform", "-target", "aws_lb_target_group.gone=127.0.0.1:1"},
		{"serve", "-dir", "../terraform", "-target", "aws_lb_target_group.chat=127.0.0.1"},
		{"serve", "-dir", "../terraform", "-addr", "256.0.0.1:1"},
		{"serve", "-dir", "../terraform", "-access-log", "no/such/folder/log"},
	}
	for _, args := range cases {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
	if err := run(t.Context(), []string{"serve", "-h"}, io.Discard, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("serve -h: %v", err)
	}
}

// TestServe_onRealSockets is the one test with a real network under it: all that a
// container does with the program, from its start to its SIGTERM.
func TestServe_onRealSockets(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.URL.Path+" for "+r.Header.Get("X-Forwarded-For"))
	}))
	defer target.Close()
	address := target.Listener.Addr().String()
	ctx, stop := context.WithCancel(t.Context())
	lines, stderr := io.Pipe()
	stopped := make(chan error, 1)
	go func() {
		stopped <- run(ctx, []string{"serve", "-dir", "../terraform", "-addr", "127.0.0.1:0", "-admin", "127.0.0.1:0",
			"-target", "aws_lb_target_group.chat=" + address, "-target", "aws_lb_target_group.match=" + address}, io.Discard, stderr)
		stderr.Close()
	}()
	serving := waitHealthy(lines, 2)
	go io.Copy(io.Discard, lines)

	if got, err := fetch(http.Get("http://" + serving["serving"] + "/chat/rooms")); got != "200 /chat/rooms for 127.0.0.1" || err != nil {
		t.Errorf("through the load balancer: %q, error %v", got, err)
	}
	admin := "http://" + serving["serving admin"]
	if err := run(ctx, []string{"health", admin + "/healthz"}, io.Discard, io.Discard); err != nil {
		t.Errorf("health: %v", err)
	}
	if err := run(ctx, []string{"health", admin + "/nowhere"}, io.Discard, io.Discard); err == nil {
		t.Error("health took a 404 for good health")
	}
	got, err := fetch(http.Post(admin+"/targets/register", "application/json", strings.NewReader(`{"target`)))
	if !strings.HasPrefix(got, "400 want {") || err != nil {
		t.Errorf("half a JSON body: %q, error %v; want the admin listener's own words", got, err)
	}

	stop()
	if err := <-stopped; err != nil {
		t.Errorf("stopping: %v", err)
	}
	if err := run(t.Context(), []string{"health", admin + "/healthz"}, io.Discard, io.Discard); err == nil {
		t.Error("health of one that has stopped")
	}
}

// Who forgets a -target is told before the first 503.
func TestServe_saysWhichGroupHasNoTarget(t *testing.T) {
	var log bytes.Buffer
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := run(stopped, []string{"serve", "-dir", "../terraform", "-addr", "127.0.0.1:0", "-target", "aws_lb_target_group.chat=127.0.0.1:1"}, io.Discard, &log); err != nil {
		t.Fatal(err)
	}
	if got := log.String(); !strings.Contains(got, "no target") || !strings.Contains(got, "target_group=aws_lb_target_group.match") {
		t.Errorf("nothing about the group match in\n%s", got)
	}
}

// waitHealthy reads the log until n targets are healthy, and gives the addresses by
// what is said of them.
func waitHealthy(log io.Reader, n int) map[string]string {
	addresses := map[string]string{}
	said := regexp.MustCompile(`msg="?([a-z ]+)"? .*addr=(\S+)`)
	for lines := bufio.NewScanner(log); n > 0 && lines.Scan(); {
		if m := said.FindStringSubmatch(lines.Text()); m != nil {
			addresses[strings.TrimSpace(m[1])] = m[2]
		}
		if strings.Contains(lines.Text(), "state=healthy") {
			n--
		}
	}
	return addresses
}

func fetch(res *http.Response, err error) (string, error) {
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return fmt.Sprintf("%d %s", res.StatusCode, body), err
}
