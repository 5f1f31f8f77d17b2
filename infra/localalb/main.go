// Command localalb runs the load balancer of the Terraform files on one
// machine: "localalb serve" routes like the AWS Application Load Balancer would,
// "localalb check" only says whether the files can be run, and "localalb health" whether
// one that runs is well.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"github.com/sixseat/sixseat/infra/localalb/proxy"
	"github.com/sixseat/sixseat/infra/localalb/rules"
)

const usage = `usage:
  localalb check DIR       say what is wrong with the load balancer in DIR/*.tf
  localalb serve [flags]   run it; "localalb serve -h" lists the flags
  localalb health [URL]    ask the admin listener of a running one whether it serves;
                           URL is http://127.0.0.1:8090/healthz unless given`

func main() {
	floor := make([]byte, heapFloor)
	defer runtime.KeepAlive(floor)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, err)
		}
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	switch {
	case len(args) == 2 && args[0] == "check":
		return check(args[1], stdout)
	case len(args) >= 1 && args[0] == "serve":
		return serve(ctx, args[1:], stdout, stderr)
	case len(args) == 1 && args[0] == "health":
		return health(ctx, "http://127.0.0.1:8090/healthz")
	case len(args) == 2 && args[0] == "health":
		return health(ctx, args[1])
	}
	return errors.New(usage)
}

func check(dir string, stdout io.Writer) error {
	cfg, err := rules.LoadDir(dir)
	if err != nil {
		return err
	}
	if len(cfg.Listeners) == 0 {
		return fmt.Errorf("%s: no aws_lb_listener in its .tf files", dir)
	}
	_, err = fmt.Fprintf(stdout, "%s: %d listeners, %d target groups, nothing to complain about\n",
		dir, len(cfg.Listeners), len(cfg.TargetGroups))
	return err
}

// health is for an image without a shell, whose HEALTHCHECK can call nothing else.
func health(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("ask for health: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask for health: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("ask for health: %s says %s", url, res.Status)
	}
	return nil
}

// targetFlags collects -target GROUP=HOST:PORT.
type targetFlags map[string][]string

func (t targetFlags) String() string { return "" }

func (t targetFlags) Set(value string) error {
	group, address, ok := strings.Cut(value, "=")
	if !ok {
		return errors.New("want GROUP=HOST:PORT")
	}
	t[group] = append(t[group], address)
	return nil
}

func serve(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("localalb serve", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dir := flags.String("dir", "infra/terraform", "folder of the Terraform files")
	listener := flags.String("listener", "aws_lb_listener.https", "address of the listener to serve")
	addr := flags.String("addr", "127.0.0.1:8080", "where to listen, plaintext")
	admin := flags.String("admin", "", "where to serve targets' states, their registration, metrics and /healthz; empty: nowhere")
	accessLog := flags.String("access-log", "", "`FILE` to append the access log to, in ALB's format; - is the standard output; empty: none")
	targets := targetFlags{}
	flags.Var(targets, "target", "a target, `GROUP=HOST:PORT`; a name stands for all its addresses; repeat for more")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("localalb serve takes flags only, not %q", flags.Arg(0))
	}
	cfg, err := rules.LoadDir(*dir)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	lines, closeLog, err := openAccessLog(*accessLog, stdout)
	if err != nil {
		return err
	}
	defer closeLog()
	lb, err := proxy.New(proxy.Options{Config: cfg, Listener: *listener, Targets: targets, AccessLog: lines, Log: log})
	if err != nil {
		return err
	}
	socket, err := net.Listen("tcp", *addr)
	if err != nil {
		return fmt.Errorf("listen for clients: %w", err)
	}
	if *admin != "" { // after the other: who is told that we are well can come
		adminServer, err := startAdmin(*admin, lb, log)
		if err != nil {
			return errors.Join(err, socket.Close())
		}
		defer adminServer.Close() // nothing of it is worth waiting for
	}
	log.Info("serving", "listener", *listener, "addr", socket.Addr().String())
	return serveUntil(ctx, lb, socket, log)
}

// openAccessLog gives where lines go; nil is nowhere.
func openAccessLog(name string, stdout io.Writer) (lines io.Writer, closeLog func(), err error) {
	switch name {
	case "":
		return nil, func() {}, nil
	case "-":
		return stdout, func() {}, nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open access log: %w", err)
	}
	return f, func() { f.Close() }, nil // each line was written through
}

// startAdmin serves the admin calls until the server is closed.
func startAdmin(addr string, lb *proxy.Balancer, log *slog.Logger) (*http.Server, error) {
	socket, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for admin: %w", err)
	}
	log.Info("serving admin", "addr", socket.Addr().String())
	server := &http.Server{Handler: lb.Admin(), ReadTimeout: adminTimeout, WriteTimeout: adminTimeout}
	go func() {
		if err := server.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
			log.Error("admin ended", "err", err)
		}
	}()
	return server, nil
}

// serveUntil serves until ctx ends, then lets requests finish and cuts the rest.
func serveUntil(ctx context.Context, lb *proxy.Balancer, socket net.Listener, log *slog.Logger) error {
	var checks sync.WaitGroup
	defer checks.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer lb.Close()
	checks.Go(func() { lb.Run(ctx) })

	server := lb.Server()
	served := make(chan error, 1)
	go func() { served <- server.Serve(lb.Listener(socket)) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve clients: %w", err)
	case <-ctx.Done():
	}
	// The signal has ended ctx, and stopping needs time of its own.
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		log.Warn("cutting what has not finished", "err", err)
		if err := server.Close(); err != nil {
			return fmt.Errorf("stop serving: %w", err)
		}
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve clients: %w", err)
	}
	return nil
}
