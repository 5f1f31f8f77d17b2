package match

import (
	"slices"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Member is who asks.
type Member struct {
	ID       string
	Nickname string
}

// Wait is one wait of a member, from the PUT to its end. It is a row in the store for
// good and, while it is open, a place in the queue.
type Wait struct {
	Turn     int64  // rises with every new wait; of two waits of a member the higher is the newer
	JoinID   string // a seat is given to a join id, once and never again
	Member   Member
	Films    []string  // the film first, then second choices in order of liking
	JoinedAt time.Time // the place: who joined first comes first
	AskedAt  time.Time // the last PUT that was answered with this wait
}

// Ask is what a PUT wants.
type Ask struct {
	Member Member
	Films  []string // as in Wait
	JoinID string   // for a new wait, if it takes one
	At     time.Time
}

// Continues reports whether the ask is answered by the open wait w: the same films.
func (a Ask) Continues(w Wait) bool { return slices.Equal(a.Films, w.Films) }

// JoinedAt is the place that the ask has when it replaces the open wait w. Whoever only
// changes second choices stays in the same queue and keeps the place in it.
func (a Ask) JoinedAt(w Wait) time.Time {
	if a.Films[0] == w.Films[0] {
		return w.JoinedAt
	}
	return a.At
}

// Outcomes of a wait. An open wait has none.
const (
	OutcomeMatched   = "matched"
	OutcomeMoved     = "moved" // replaced by a wait for other films
	OutcomeCancelled = matchapi.ReasonCancelled
	OutcomeExpired   = matchapi.ReasonExpired
	OutcomeGivenAway = matchapi.ReasonGivenAway
	OutcomeLeft      = "left"  // matched, entered, and left the room for good
	OutcomeTaken     = "taken" // matched, but another had entered the seat; a new wait replaced it
)

// Match is a seat in a committed room.
type Match struct {
	Room       matchapi.Room
	Seat       int
	Generation int
	Entered    bool // chat-service has seated the member
}

// Standing is what the store knows of a member: the latest wait and how it ended.
type Standing struct {
	Wait    Wait   // Turn 0: never waited
	Outcome string // "": the wait is open
	Match   *Match // for OutcomeMatched
}

// reason is why the member is idle, as members are told.
func (st Standing) reason() string {
	if st.Outcome == OutcomeLeft {
		return ""
	}
	return st.Outcome
}

// State is a member's queue state. Kind is matchapi.Idle, Waiting or Matched and says
// which of the other fields are set.
type State struct {
	Kind    string
	Reason  string
	Waiting matchapi.WaitingState
	Match   Match
}

func matched(m Match) State { return State{Kind: matchapi.Matched, Match: m} }
