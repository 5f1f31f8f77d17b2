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
	return own(tb, func() (*Server, error) { return startRedis() })
}

// StartRedisCluster starts a Redis Cluster of one node, for this test alone: it has all
// slots, and refuses a step whose keys lie in more than one.
func StartRedisCluster(tb testing.TB) *Server {
	tb.Helper()
	s := own(tb, func() (*Server, error) { return startRedis("--cluster-enabled", "yes") })
	addr := strings.TrimSuffix(strings.TrimPrefix(s.URL, "redis://"), "/0")
	if err := askRedis(addr, "CLUSTER ADDSLOTSRANGE 0 16383", "+OK"); err != nil {
		tb.Fatal("make a cluster:", err)
	}
	deadline := time.Now().Add(startCeiling)
	for askRedis(addr, "CLUSTER INFO", "cluster_state:ok") != nil {
		if time.Now().After(deadline) {
			tb.Fatal("the cluster does not come up")
		}
		<-time.After(50 * time.Millisecond)
	}
	s.URL = "redis://" + addr + "?cluster=true"
	return s
}

var redisPrefixes atomic.Int64

// SharedRedis is the URL of a Redis that all tests of the process use, and a key
// prefix that no other test has.
func SharedRedis(tb testing.TB) (url, prefix string) {
	tb.Helper()
	return sharedRedis.get(tb, func() (*Server, error) { return startRedis() }).URL, fmt.Sprintf("test%d:", redisPrefixes.Add(1))
}

func startRedis(options ...string) (*Server, error) {
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
		cmd.Args = append(cmd.Args, options...)
		cmd.SysProcAttr = dieWithParent()
		return cmd
	}
	s.ready = func() error { return askRedis(addr, "PING", "+PONG") }
	return s, s.Start()
}

// askRedis asks for something whose answer must have a text in it. It speaks the inline
// protocol, so that this package needs no client library.
func askRedis(addr, question, want string) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte(question + "\r\n")); err != nil {
		return err
	}
	answer := make([]byte, 1024)
	n, err := conn.Read(answer)
	if err == nil && !strings.Contains(string(answer[:n]), want) {
		err = fmt.Errorf("answered %q", answer[:n])
	}
	return err
}
