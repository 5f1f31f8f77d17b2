//go:build integration

package app_test

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// cluster is some real match-service processes on real stores.
type cluster struct {
	*stores
	binary string
	nodes  []*process
	over   chan struct{} // closed when clients shall stop
}

func newCluster(t *testing.T, nodes int) *cluster {
	t.Helper()
	s := newStores(t)
	c := &cluster{stores: s, binary: filepath.Join(t.TempDir(), "match-service"), over: make(chan struct{})}
	build := exec.Command("go", "build", "-o", c.binary, "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build match-service: %v\n%s", err, out)
	}
	for range nodes {
		p := &process{c: c}
		p.start()
		c.nodes = append(c.nodes, p)
	}
	t.Cleanup(func() {
		for _, p := range c.nodes {
			p.kill()
		}
	})
	return c
}

// any is one of the nodes, which may be dead at the moment.
func (c *cluster) any() *world {
	return &world{T: c.T, url: c.nodes[rand.IntN(len(c.nodes))].address()}
}

// ask asks any node until one answers with success, as a client would. It may be called
// from any goroutine.
func (c *cluster) ask(method, path, bearer, body string) reply {
	for deadline := time.Now().Add(2 * ceiling); ; <-time.After(50 * time.Millisecond) {
		r := c.any().do(method, path, bearer, body)
		if r.status == http.StatusOK || r.status == http.StatusCreated {
			return r
		}
		if time.Now().After(deadline) {
			c.Errorf("%s %s is still answered with %s", method, path, r)
			return r
		}
	}
}

// decodeTo decodes an answer that is known to be good; a bad one has been reported.
func decodeTo[T any](r reply) (v T) {
	_ = json.Unmarshal(r.body, &v)
	return v
}

// process is one node that can be killed and started again. A new one has a new address.
type process struct {
	c *cluster

	mu   sync.Mutex // guards what follows
	cmd  *exec.Cmd
	addr string
}

func (p *process) address() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.addr
}

// start starts the node and waits until it says where it listens.
func (p *process) start() {
	p.c.Helper()
	cmd := exec.Command(p.c.binary)
	cmd.Env = append(os.Environ(), "ADDR=127.0.0.1:0", "ADMIN_ADDR=127.0.0.1:0", "SIGNING_KEY="+signingKey, "LOG_FORMAT=json",
		"DATABASE_URL="+p.c.stores.cfg.DatabaseURL, "REDIS_URL="+p.c.stores.cfg.RedisURL,
		"LIMIT_JOINS=0", "LIMIT_STREAMS=0", "LIMIT_MEMBERS_PER_ADDRESS=0", "DRAIN_NOTICE=0s", "DRAIN_WINDOW=1s")
	stderr, err := cmd.StderrPipe()
	p.c.must(err)
	p.c.must(cmd.Start())
	serving := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			var line struct{ Msg, Addr string }
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
				serving <- line.Addr
			}
		}
		close(serving)
	}()
	addr := <-serving
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd, p.addr = cmd, "http://"+addr
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	_ = p.cmd.Wait()         // says that it was killed
}

// crash kills the node without warning and starts another in its place. While a store is
// away that takes some tries.
func (p *process) crash() {
	p.c.Helper()
	p.kill()
	for range 50 {
		p.start()
		if p.address() != "http://" {
			return
		}
		_ = p.cmd.Wait() // it could not start
	}
	p.c.Fatal("a node does not start any more")
}
