//go:build integration

package cluster

import (
	"fmt"
	"sync"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/testclient"
)

// notes counts what happened to clients, for who reads the test's log.
type notes struct {
	mu     sync.Mutex // guards counts
	counts map[string]int
}

func (n *notes) count(what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.counts == nil {
		n.counts = map[string]int{}
	}
	n.counts[what]++
}

// noteEnd counts how a session ended, and reports an end that no well-behaved client
// deserves, whatever happens to stores and nodes.
func (c *cluster) noteEnd(err error) {
	switch code := testclient.CloseCode(err); code {
	case fault.CloseProtocol, fault.ClosePolicy, fault.CloseTooBig, fault.CloseInternal, fault.CloseTokenExpired, fault.CloseTooManySessions:
		c.Errorf("a session ended with %d: %v", code, err)
	case -1:
		c.notes.count("lines cut, or nobody there")
	default:
		c.notes.count(fmt.Sprintf("closes with %d", code))
	}
}

func (c *cluster) noteRefusal(title string) { c.notes.count("refusals: " + title) }

// report logs what was counted, and says so if the test was not as rough as it shall be.
func (c *cluster) report() {
	c.Helper()
	delivered, lost := c.bus.Deliveries()
	c.Logf("the bus delivered %d messages and lost %d; %d replies to commits were lost; %v", delivered, lost, c.commits.Cuts(), c.notes.counts)
	if delivered == 0 || lost == 0 || c.commits.Cuts() == 0 || len(c.notes.counts) == 0 {
		c.Error("something that should have gone wrong did not: the test does not test what it says")
	}
}
