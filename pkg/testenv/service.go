package testenv

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"
)

// crash is how Go says that a program has a bug. DATA RACE comes from GOFLAGS=-race, with
// which services are built as well.
var crash = regexp.MustCompile(`(?m)^(panic: |fatal error: |WARNING: DATA RACE).*`)

// printedShown is how many octets of a service's log stand in the log of a failed test.
const printedShown = 16 << 10

// StartService builds the program in the folder dir, once for all tests of the process,
// and runs it as a service of ours that listens at URL. env are its settings, each
// NAME=value; ADDR and ADMIN_ADDR are chosen here. It may be stopped and started again
// at the same address. What it printed is logged when the test fails, which it does when
// the service crashed by itself.
func StartService(tb testing.TB, dir string, env ...string) *Server {
	tb.Helper()
	s := own(tb, func() (*Server, error) { return startService(dir, env) })
	tb.Cleanup(func() {
		printed := s.Output()
		if found := crash.FindString(printed); found != "" {
			tb.Errorf("%s at %s crashed: %s", s.name, s.URL, found)
		}
		if tb.Failed() {
			tb.Logf("%s at %s printed last:\n%s", s.name, s.URL, printed[max(0, len(printed)-printedShown):])
		}
	})
	return s
}

// RunService builds the program in the folder dir and runs one of its verbs, such as
// migrate, to its end. env are its settings, each NAME=value.
func RunService(tb testing.TB, dir, verb string, env ...string) {
	tb.Helper()
	program, err := build(dir)
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(program, verb)
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = dieWithParent()
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("%s %s: %v\n%s", filepath.Base(program), verb, err, out)
	}
}

func startService(dir string, env []string) (*Server, error) {
	program, err := build(dir)
	if err != nil {
		return nil, err
	}
	var addrs [2]string
	for i := range addrs {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		addrs[i] = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	}
	s := &Server{URL: "http://" + addrs[0], AdminURL: "http://" + addrs[1], name: filepath.Base(program), remove: func() {}}
	s.command = func() *exec.Cmd {
		cmd := exec.Command(program, "serve")
		cmd.Env = append(append(os.Environ(), env...), "ADDR="+addrs[0], "ADMIN_ADDR="+addrs[1])
		cmd.SysProcAttr = dieWithParent()
		return cmd
	}
	s.ready = func() error { return healthy(s.AdminURL + "/healthz") }
	return s, s.Start()
}

// healthy asks a service's admin listener, by a connection of its own: a kept one may be
// to the process before.
func healthy(url string) error {
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return nil
}

// programs are those built so far, by their folder.
var programs struct {
	mu     sync.Mutex // guards what follows
	dir    string     // "" before the first
	byPath map[string]string
}

func build(dir string) (program string, err error) {
	programs.mu.Lock()
	defer programs.mu.Unlock()
	if dir, err = filepath.Abs(dir); err != nil {
		return "", fmt.Errorf("build: %w", err)
	}
	if program, built := programs.byPath[dir]; built {
		return program, nil
	}
	if programs.dir == "" {
		if programs.dir, err = os.MkdirTemp("", "sixseat-programs-"); err != nil {
			return "", fmt.Errorf("build %s: %w", dir, err)
		}
		programs.byPath = map[string]string{}
	}
	program = filepath.Join(programs.dir, filepath.Base(dir))
	cmd := exec.Command("go", "build", "-o", program, ".")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", dir, err, out)
	}
	programs.byPath[dir] = program
	return program, nil
}

func removePrograms() {
	programs.mu.Lock()
	defer programs.mu.Unlock()
	if programs.dir != "" {
		_ = os.RemoveAll(programs.dir) // a left-over folder in the temporary one harms nobody
	}
}
