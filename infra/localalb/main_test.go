package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/infra/localalb/proxy"
	"github.com/sixseat/sixseat/infra/localalb/rules"
)

func TestCheck_sayWhatIsWrongWithFileAndLine(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "lb.tf"), []byte("resource \"aws_lb\" \"main\" {\n  idle_timeout = 0\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := run(t.Context(), []string{"check", dir}, io.Discard, io.Discard)
	const want = "lb.tf:2: aws_lb.main: idle_timeout = 0 is not a whole number from 1 to 4000"
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

func TestRun_wrongUseIsAnError(t *testing.T) {
	cases := [][]string{
		nil,
		{"check"},
		{"fly"},
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

// TestServe_onRealSockets is the one test with a real network under it.
func TestServe_onRealSockets(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.URL.Path+" for "+r.Header.Get("X-Forwarded-For"))
	}))
	defer target.Close()
	cfg, err := rules.LoadDir("../terraform")
	if err != nil {
		t.Fatal(err)
	}
	address := target.Listener.Addr().String()
	lb, err := proxy.New(proxy.Options{
		Config: cfg, Listener: "aws_lb_listener.https", Log: slog.New(slog.DiscardHandler),
		Targets: map[string][]string{"aws_lb_target_group.chat": {address}, "aws_lb_target_group.match": {address}},
	})
	if err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- serveUntil(ctx, lb, socket, slog.New(slog.DiscardHandler)) }()
	if err := lb.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}

	res, err := http.Get("http://" + socket.Addr().String() + "/chat/rooms")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || string(body) != "/chat/rooms for 127.0.0.1" {
		t.Errorf("body %q, error %v", body, err)
	}

	stop()
	if err := <-stopped; err != nil {
		t.Errorf("stopping: %v", err)
	}
}
