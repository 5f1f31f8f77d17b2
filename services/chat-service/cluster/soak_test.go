//go:build integration

package cluster

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/chatter"
)

var soak = flag.Duration("soak", 0, "how long TestSoak lets members chat; it is skipped without")

// How long a soak goes on is a person's or the night's choice; that many members say so
// much that what they remember for the judge stays below a few hundred MiB in an hour.
const (
	soakRooms = 20
	soakPace  = time.Second
	roundFor  = time.Minute
)

// Members chat for long on nodes that are never restarted, so that what a node forgets to
// give back adds up. Each minute everybody reconnects and Redis and PostgreSQL restart,
// while the bus loses deliveries and commits lose replies. In the end nothing is missing,
// doubled or out of order, and no node believes that somebody is still there. What the
// nodes took is printed; it says something after a few rounds, and is for people to judge.
func TestSoak_nothingIsLostOnNodesThatGrowOld(t *testing.T) {
	if *soak == 0 {
		t.Skip("make soak says how long")
	}
	c := newCluster(t, busLoses)
	rooms := c.newRooms(soakRooms)
	c.figures("before anybody connected")
	quiet, beQuiet := context.WithTimeout(t.Context(), *soak)
	defer beQuiet()
	var talking sync.WaitGroup
	talking.Go(func() { chatter.Talk(quiet, rooms, soakPace) })
	talking.Go(func() { c.cutReplies(quiet) })

	hangUp := c.connect(rooms, func(int) string { return c.any() })
	defer func() { hangUp() }()
	for round := 1; quiet.Err() == nil; round++ {
		for _, step := range []struct {
			what string
			do   func() error
		}{
			{"Redis restarts", func() error { return restart(c.redis.Kill, c.redis.Start) }},
			{"PostgreSQL restarts", func() error { return restart(c.postgres.Stop, c.postgres.Start) }},
			{"everybody reconnects", func() error {
				hangUp()
				hangUp = c.connect(rooms, func(int) string { return c.any() })
				return nil
			}},
		} {
			if err := step.do(); err != nil {
				t.Errorf("round %d: %s: %v", round, step.what, err)
			}
			select {
			case <-time.After(roundFor / 3):
			case <-quiet.Done():
			}
		}
		c.figures(fmt.Sprintf("round %d", round))
	}

	talking.Wait()
	c.settle(rooms)
	c.reunited(rooms)
	hangUp()
	c.judge(rooms)
	c.report()
	c.await("every socket is given back", func() string {
		for i, node := range c.nodes {
			if n := c.metrics(node.AdminURL)["chat_sockets"]; n != 0 {
				return fmt.Sprintf("node %d has %v", i+1, n)
			}
		}
		return ""
	})
	c.figures("after everybody left")
}

// figures prints what each node takes of its machine.
func (c *cluster) figures(when string) {
	c.Helper()
	for i, node := range c.nodes {
		m := c.metrics(node.AdminURL)
		c.Logf("%s: node %d: %4.0f sockets, %5.0f goroutines, heap %5.1f MiB, resident %5.1f MiB, %3.0f files", when, i+1, m["chat_sockets"],
			m["go_goroutines"], m["go_memstats_heap_alloc_bytes"]/(1<<20), m["process_resident_memory_bytes"]/(1<<20), m["process_open_fds"])
	}
}

// metrics are a node's, those without labels.
func (c *cluster) metrics(admin string) map[string]float64 {
	c.Helper()
	resp, err := http.Get(admin + "/metrics")
	c.must(err)
	defer resp.Body.Close()
	values := map[string]float64{}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			values[name] = v
		}
	}
	c.must(lines.Err())
	for _, name := range []string{"chat_sockets", "go_goroutines", "go_memstats_heap_alloc_bytes", "process_resident_memory_bytes", "process_open_fds"} {
		if _, there := values[name]; !there {
			c.Fatalf("%s has no metric %s", admin, name)
		}
	}
	return values
}
