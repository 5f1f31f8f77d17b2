// Package testenv starts real PostgreSQL and Redis servers for tests: on free ports,
// in temporary folders, ended with the test process. It is imported by tests only.
//
// A test that can share a server calls NewDatabase or NewRedis; a test that wants to
// stop and restart one starts its own with StartPostgres or StartRedis.
package testenv

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
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
	URL string

	name    string
	command func() *exec.Cmd
	ready   func() error
	remove  func()
	cmd     *exec.Cmd
	output  *bytes.Buffer
}

// Main runs the tests of a package and ends the servers that they shared:
// func TestMain(m *testing.M) { testenv.Main(m) }.
func Main(m *testing.M) {
	code := m.Run()
	stopShared()
	os.Exit(code)
}

// Start starts the process again after Kill or Stop and waits until it answers.
func (s *Server) Start() error {
	s.output = &bytes.Buffer{}
	s.cmd = s.command()
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	deadline := time.Now().Add(startCeiling)
	for err := s.ready(); err != nil; err = s.ready() {
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not answer: %w\n%s", s.name, err, s.evidence())
		}
		<-time.After(20 * time.Millisecond)
	}
	return nil
}

// Kill ends the process without warning.
func (s *Server) Kill() error { return s.end(syscall.SIGKILL) }

// Stop ends the process as an administrator would, cutting its connections.
func (s *Server) Stop() error { return s.end(syscall.SIGINT) }

// Signal sends the process a signal, such as SIGSTOP to make it hang and SIGCONT.
func (s *Server) Signal(sig syscall.Signal) error { return s.cmd.Process.Signal(sig) }

func (s *Server) end(sig syscall.Signal) error {
	if err := s.cmd.Process.Signal(sig); err != nil {
		return fmt.Errorf("end %s: %w", s.name, err)
	}
	var exit *exec.ExitError // being killed is no error here
	if err := s.cmd.Wait(); err != nil && !errors.As(err, &exit) {
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

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// evidence ends a server that did not come up and returns what it printed.
func (s *Server) evidence() string {
	if err := s.Kill(); err != nil {
		return err.Error()
	}
	return s.output.String()
}
