package testenv

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// StartRedis starts a Redis server for this test alone. It keeps nothing on disk: a
// restart comes back empty.
func StartRedis(tb testing.TB) *Server {
	tb.Helper()
	return own(tb, startRedis)
}

var redisPrefixes atomic.Int64

// SharedRedis is the URL of a Redis that all tests of the process use, and a key
// prefix that no other test has.
func SharedRedis(tb testing.TB) (url, prefix string) {
	tb.Helper()
	return sharedRedis.get(tb, startRedis).URL, fmt.Sprintf("test%d:", redisPrefixes.Add(1))
}

func startRedis() (*Server, error) {
	program, err := find("redis-server")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sixseat-redis-")
	if err != nil {
		return nil, fmt.Errorf("start redis: %w", err)
	}
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	s := &Server{URL: "redis://" + addr + "/0", name: "redis", remove: func() { _ = os.RemoveAll(dir) }}
	s.command = func() *exec.Cmd {
		cmd := exec.Command(program, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", dir,
			"--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction")
		cmd.SysProcAttr = dieWithParent()
		return cmd
	}
	s.ready = func() error { return pingRedis(addr) }
	return s, s.Start()
}

// pingRedis speaks the inline protocol, so that this package needs no client library.
func pingRedis(addr string) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	answer := make([]byte, 16)
	n, err := conn.Read(answer)
	if err == nil && !strings.HasPrefix(string(answer[:n]), "+PONG") {
		err = fmt.Errorf("answered %q", answer[:n])
	}
	return err
}
