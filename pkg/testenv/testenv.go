// Package testenv starts real servers for tests: PostgreSQL, Redis and our own services,
// on free ports, in temporary folders, ended with the test process; and proxies that
// fail on purpose before them. It is imported by tests only.
//
// A test that can share a server calls NewDatabase or SharedRedis; a test that wants to
// stop and restart one starts its own with StartPostgres, StartRedis or StartService.
package testenv

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	neturl "net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startCeiling is how long a server may take to answer; generous, since CI machines
// are slow and a test only waits this long when something is broken.
const startCeiling = time.Minute

// Server is one server process that a test may stop and start again, with its data
// and on its port.
type Server struct {
	URL      string
	AdminURL string // of a service of ours: health and metrics

	name    string
	command func() *exec.Cmd
	ready   func() error
	remove  func()
	cmd     *exec.Cmd
	output  output
	exited  chan struct{} // closed when the process has ended and exit is set
	exit    error
}

// output is what a process and those before it printed, to be read while it runs.
type output struct {
	mu  sync.Mutex // guards all
	all bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

// Main runs the tests of a package and ends the servers that they shared:
// func TestMain(m *testing.M) { testenv.Main(m) }.
func Main(m *testing.M) {
	code := m.Run()
	stopShared()
	removePrograms()
	os.Exit(code)
}

// Start starts the process again after it has ended and waits until it answers, or says
// why it does not.
func (s *Server) Start() error {
	s.exited = make(chan struct{})
	s.cmd = s.command()
	s.cmd.Stdout, s.cmd.Stderr = &s.output, &s.output
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	go s.wait(s.cmd, s.exited)
	deadline := time.Now().Add(startCeiling)
	for err := s.ready(); err != nil; err = s.ready() {
		if time.Now().After(deadline) {
			return errors.Join(fmt.Errorf("%s does not answer: %w\n%s", s.name, err, s.Output()), s.Kill())
		}
		select {
		case <-s.exited:
			return fmt.Errorf("%s ended at once: %w\n%s", s.name, s.exit, s.Output())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

func (s *Server) wait(cmd *exec.Cmd, exited chan struct{}) {
	s.exit = cmd.Wait()
	close(exited)
}

// Kill ends the process without warning.
func (s *Server) Kill() error { return s.end(syscall.SIGKILL) }

// Stop ends the process as an administrator would, cutting its connections.
func (s *Server) Stop() error { return s.end(syscall.SIGINT) }

// Hang stops the process and its children where they stand, until GoOn: nobody is hung up
// on, and nobody gets an answer.
func (s *Server) Hang() error { return s.signalAll(syscall.SIGSTOP) }

// GoOn ends Hang.
func (s *Server) GoOn() error { return s.signalAll(syscall.SIGCONT) }

func (s *Server) signalAll(sig syscall.Signal) error {
	if err := s.Signal(sig); err != nil { // first: no child is born after that
		return fmt.Errorf("signal %s: %w", s.name, err)
	}
	for _, pid := range childrenOf(s.cmd.Process.Pid) {
		if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("signal a child of %s: %w", s.name, err)
		}
	}
	return nil
}

// Signal sends the process a signal, such as SIGTERM.
func (s *Server) Signal(sig syscall.Signal) error { return s.cmd.Process.Signal(sig) }

// Wait waits until the process has ended and returns how: nil is exit code 0.
func (s *Server) Wait() error {
	<-s.exited
	return s.exit
}

// Output is what the process has printed, and those before it.
func (s *Server) Output() string { return s.output.String() }

func (s *Server) end(sig syscall.Signal) error {
	if err := s.cmd.Process.Signal(sig); err != nil {
		return fmt.Errorf("end %s: %w", s.name, err)
	}
	var exit *exec.ExitError // being killed is no error here
	if err := s.Wait(); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("wait for %s: %w", s.name, err)
	}
	return nil
}

func (s *Server) close() {
	_ = s.end(syscall.SIGKILL) // it may have been stopped by the test already
	s.remove()
}

// shared is a server that all tests of a process use.
type shared struct {
	once   sync.Once
	server *Server
	err    error
}

func (s *shared) get(tb testing.TB, start func() (*Server, error)) *Server {
	tb.Helper()
	s.once.Do(func() { s.server, s.err = start() })
	if s.err != nil {
		tb.Fatal(s.err)
	}
	return s.server
}

var sharedPostgres, sharedRedis shared

func stopShared() {
	for _, s := range []*shared{&sharedPostgres, &sharedRedis} {
		if s.server != nil {
			s.server.close()
		}
	}
}

// own starts a server for one test alone.
func own(tb testing.TB, start func() (*Server, error)) *Server {
	tb.Helper()
	s, err := start()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.close)
	return s
}

// StartProgram starts a server that is none of ours at url, for this test alone. command
// makes its process anew for each start; the server is up once it accepts connections.
func StartProgram(tb testing.TB, name, url string, command func() *exec.Cmd) (*Server, error) {
	tb.Helper()
	at, err := neturl.Parse(url)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	s := &Server{URL: url, name: name, remove: func() {}}
	s.command = func() *exec.Cmd {
		cmd := command()
		cmd.SysProcAttr = dieWithParent()
		return cmd
	}
	s.ready = func() error {
		conn, err := net.DialTimeout("tcp", at.Host, time.Second)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	if err := s.Start(); err != nil {
		return nil, err
	}
	tb.Cleanup(s.close)
	return s, nil
}

// FreePort is a port of the loopback address that nobody listens at.
func FreePort(tb testing.TB) int {
	tb.Helper()
	port, err := freePort()
	if err != nil {
		tb.Fatal(err)
	}
	return port
}

// find looks a program up in PATH and in the given patterns.
func find(program string, patterns ...string) (string, error) {
	for _, p := range patterns {
		if hits, err := filepath.Glob(p); err == nil && len(hits) > 0 {
			return hits[len(hits)-1], nil
		}
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf("%s is not on this machine: run make deps, or install it and put it on PATH", program)
	}
	return path, nil
}

// Ports are taken from below those that Linux gives to whoever connects (32768 and up,
// ip_local_port_range): what is free now would be somebody's socket before the program
// that it is for listens there. Of so many, two tests hardly draw the same.
const (
	firstPort, lastPort = 12_000, 32_000
	portTries           = 100
)

func freePort() (port int, err error) {
	for range portTries {
		port = firstPort + rand.IntN(lastPort-firstPort)
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("find a free port: %w", err)
}
