package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"syscall"
)

// Verb is one thing that a service's binary can do.
type Verb func(ctx context.Context) error

// Main runs the verb named by the first argument (serve, when there is none) until it
// returns or the process gets SIGINT or SIGTERM; a second signal ends it at once. It
// is the one place that sets the exit code: 0, 1 for an error, 2 for a wrong call.
func Main(name string, verbs map[string]Verb) {
	floor := make([]byte, heapFloor)
	code := run(name, verbs, os.Args[1:], os.Stderr)
	runtime.KeepAlive(floor)
	os.Exit(code)
}

// SetGCPercent sets Go's GOGC where the environment does not: how much garbage may stand, in
// percent of what is in use, before it is collected. GOMEMLIMIT bounds it all the same.
func SetGCPercent(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

func run(name string, verbs map[string]Verb, args []string, stderr io.Writer) int {
	args = append(args, "serve")[:max(1, len(args))]
	verb, ok := verbs[args[0]]
	if !ok || len(args) > 1 {
		fmt.Fprintf(stderr, "usage: %s %s\n", name, strings.Join(names(verbs), "|"))
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the next signal has its default effect: end now
	if err := verb(ctx); err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}

func names(verbs map[string]Verb) []string {
	var list []string
	for v := range verbs {
		list = append(list, v)
	}
	sort.Strings(list)
	return list
}

// CheckHealth is the health verb: it asks the node's own admin listener, so that a
// container without a shell can have a health check.
func CheckHealth(ctx context.Context, cfg Config) error {
	_, port, err := net.SplitHostPort(cfg.AdminAddr)
	if err != nil {
		return fmt.Errorf("ADMIN_ADDR: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort("127.0.0.1", port)+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New("health: " + resp.Status)
	}
	return nil
}
