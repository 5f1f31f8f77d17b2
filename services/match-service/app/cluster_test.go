//go:build integration

package app_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/testenv"
)

// cluster is some real match-service processes on real stores.
type cluster struct {
	*stores
	nodes []*testenv.Server
	over  chan struct{} // closed when clients shall stop
}

func newCluster(t *testing.T, nodes int, postgres ...string) *cluster {
	t.Helper()
	c := &cluster{stores: newStores(t, postgres...), over: make(chan struct{})}
	for range nodes {
		c.nodes = append(c.nodes, testenv.StartService(t, "..", "SIGNING_KEY="+signingKey,
			"DATABASE_URL="+c.stores.cfg.DatabaseURL, "REDIS_URL="+c.stores.cfg.RedisURL,
			"LIMIT_JOINS=0", "LIMIT_STREAMS=0", "LIMIT_MEMBERS_PER_ADDRESS=0", "DRAIN_NOTICE=0s", "DRAIN_WINDOW=1s"))
	}
	return c
}

// any is one of the nodes, which may be dead at the moment.
func (c *cluster) any() *world {
	return &world{T: c.T, url: c.nodes[rand.IntN(len(c.nodes))].URL}
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

// crash kills a node without warning and starts it again. While a store is away that
// takes some tries.
func (c *cluster) crash(node *testenv.Server) {
	c.Helper()
	c.must(node.Kill())
	var err error
	for range 50 {
		if err = node.Start(); err == nil {
			return
		}
	}
	c.Fatal("a node does not start any more:", err)
}
