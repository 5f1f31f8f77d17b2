package chatter

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/testclient"
)

// Notes counts what happened to members, for who reads the test's log, and fails the test
// for what may never happen to a well-behaved client.
type Notes struct {
	testing.TB

	mu     sync.Mutex // guards what follows
	counts map[string]int
	closes []Close
}

// Close is the end of a session by the server, or of its line.
type Close struct {
	At   time.Time
	Code int // -1: the line was cut, or nobody was there
}

// NewNotes fails tb.
func NewNotes(tb testing.TB) *Notes { return &Notes{TB: tb, counts: map[string]int{}} }

// Counts is how often what happened.
func (n *Notes) Counts() map[string]int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.counts)
}

// Closes are the ends of sessions, in the order in which they came.
func (n *Notes) Closes() []Close {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.closes)
}

func (n *Notes) count(what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.counts[what]++
}

// ended counts how a session ended, and reports an end that no well-behaved client
// deserves, whatever happens to stores and nodes.
func (n *Notes) ended(err error) {
	code := testclient.CloseCode(err)
	n.mu.Lock()
	n.closes = append(n.closes, Close{time.Now(), code})
	n.mu.Unlock()
	switch code {
	case fault.CloseProtocol, fault.ClosePolicy, fault.CloseTooBig, fault.CloseInternal, fault.CloseTokenExpired, fault.CloseTooManySessions:
		n.Errorf("a session ended with %d: %v", code, err)
	case -1:
		n.count("lines cut, or nobody there")
	default:
		n.count(fmt.Sprintf("closes with %d", code))
	}
}
