package live

import (
	"context"
	"time"
)

// State is who is in a room through one node.
type State struct {
	Version int64    `json:"version"` // rises with each change at the node
	Members []Member `json:"members,omitempty"`
}

// Lease is the time during which what a node said counts.
type Lease struct{ Now, Until time.Time }

// Presence keeps what each node says. Leases are compared with the callers' clocks.
type Presence interface {
	// Say prolongs the node's lease and puts its states by room in the place of those
	// before; one without members is not kept. held is false when there was no lease at
	// Now: then what was said before may be lost.
	Say(ctx context.Context, node string, lease Lease, states map[string]State) (held bool, err error)
	// Hear returns by room and node what nodes with a lease at now say. held is false
	// when the asking node has none, and what others say may be lost as well.
	Hear(ctx context.Context, node string, roomIDs []string, now time.Time) (states map[string]map[string]State, held bool, err error)
}

// trust is how much of what others say can be relied on. Once Presence was away or came
// back empty, it cannot until every node had the time to say everything again.
type trust struct {
	leased bool // once there was a lease
	away   bool
	since  time.Time // sure from then on
	said   time.Time // when the lease was last prolonged; zero: at once
}

func (t *trust) sure(now time.Time) bool { return !t.away && !now.Before(t.since) }
