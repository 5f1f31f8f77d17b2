package judge

import (
	"fmt"
	"sync"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// The queue's promises.
const (
	NotSix    Rule = "not six"   // a room without six distinct members on seats 1 to 6, the one who is told among them
	Elsewhere Rule = "elsewhere" // one wait, and two rooms; or a room whose six are others for another of them
	Stranger  Rule = "stranger"  // seated without having joined
	Untold    Rule = "untold"    // seated by the end, and never told
	Forgotten Rule = "forgotten" // six waited for one film at the end
)

// Matches judges which members the queue puts into which rooms. The zero Matches is ready.
type Matches struct {
	mu      sync.Mutex // guards what follows
	waits   map[string]*wait
	rooms   map[string]*match
	Refills int64 // seats that were told as given on by somebody else; read it at the end
	verdict Judge
}

type wait struct {
	film   string
	due    time.Time
	room   string // once told
	gaveUp bool
}

type match struct {
	six      [matchapi.Seats]string // member ids by seat
	told     int
	due, at  time.Time // the latest of each
	refilled bool      // a seat changed hands: the six are not the same for all
}

// Join notes that a member is about to join the queue, at a moment that was set before.
func (m *Matches) Join(memberID, film string, due time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.waits == nil {
		m.waits, m.rooms = map[string]*wait{}, map[string]*match{}
	}
	m.waits[memberID] = &wait{film: film, due: due}
}

// GaveUp notes that a member does not wait any more, or was refused.
func (m *Matches) GaveUp(memberID string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if w := m.waits[memberID]; w != nil {
		w.gaveUp = true
	}
}

// Told notes that a member was told of a room at some moment. Once all six were, it
// returns how long after the sixth PUT was due that was.
func (m *Matches) Told(memberID string, s *matchapi.MatchedState, at time.Time) (took time.Duration, complete bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := s.Room.RoomID
	w := m.waits[memberID]
	switch {
	case w == nil:
		m.verdict.found(1, Stranger, id, "%s was told and had not joined", memberID)
		return 0, false
	case w.room == id:
		return 0, false // the state may be shown again
	case w.room != "":
		m.verdict.found(1, Elsewhere, id, "%s is in room %s already", memberID, w.room)
		return 0, false
	}
	w.room = id
	six, wrong := seated(memberID, s)
	if wrong != "" {
		m.verdict.found(1, NotSix, id, "%s", wrong)
		return 0, false
	}
	r := m.rooms[id]
	if r == nil {
		r = &match{six: six}
		m.rooms[id] = r
		m.strangers(id, six)
	}
	if s.Generation > 1 {
		r.refilled = true
		m.Refills++
	}
	if r.six != six && !r.refilled {
		m.verdict.found(1, Elsewhere, id, "the six are %v for one and %v for another", r.six, six)
	}
	r.told++
	r.due, r.at = later(r.due, w.due), later(r.at, at)
	return r.at.Sub(r.due), r.told == matchapi.Seats && !r.refilled
}

func (m *Matches) strangers(room string, six [matchapi.Seats]string) {
	for _, id := range six {
		if m.waits[id] == nil {
			m.verdict.found(1, Stranger, room, "%s is seated and had not joined", id)
		}
	}
}

// seated reads the six of a room, or says why they are none.
func seated(memberID string, s *matchapi.MatchedState) (six [matchapi.Seats]string, wrong string) {
	distinct := map[string]bool{}
	for _, seat := range s.Room.Seats {
		if seat.Seat < 1 || seat.Seat > matchapi.Seats {
			return six, fmt.Sprintf("seat %d", seat.Seat)
		}
		six[seat.Seat-1] = seat.MemberID
		distinct[seat.MemberID] = true
	}
	if len(s.Room.Seats) != matchapi.Seats || len(distinct) != matchapi.Seats || distinct[""] {
		return six, fmt.Sprintf("%d seats, %d members", len(s.Room.Seats), len(distinct))
	}
	if s.Seat < 1 || s.Seat > matchapi.Seats || six[s.Seat-1] != memberID {
		return six, fmt.Sprintf("%s is told seat %d, and the six are %v", memberID, s.Seat, six)
	}
	return six, ""
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// waiting are those who joined, did not give up and were not told, by film.
func (m *Matches) waiting() map[string]int {
	n := map[string]int{}
	for _, w := range m.waits {
		if w.room == "" && !w.gaveUp {
			n[w.film]++
		}
	}
	return n
}

// untold calls found for each member who is seated, did not give up and was not told.
func (m *Matches) untold(found func(room, member string)) {
	for id, r := range m.rooms {
		for _, member := range r.six {
			if w := m.waits[member]; w != nil && w.room == "" && !w.gaveUp && !r.refilled {
				found(id, member)
			}
		}
	}
}

// Settled reports whether nobody waits who has a room or could have one.
func (m *Matches) Settled() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	untold := 0
	m.untold(func(string, string) { untold++ })
	if untold > 0 {
		return false
	}
	for _, n := range m.waiting() {
		if n >= matchapi.Seats {
			return false
		}
	}
	return true
}

// Close judges what only the end shows, and returns everything.
func (m *Matches) Close() Verdict {
	m.mu.Lock()
	defer m.mu.Unlock()
	for film, n := range m.waiting() {
		if n >= matchapi.Seats {
			m.verdict.found(int64(n), Forgotten, "", "%d still wait for %s", n, film)
		}
	}
	m.untold(func(room, member string) { m.verdict.found(1, Untold, room, "%s", member) })
	return m.verdict.Close()
}

// Broken is how many promises were broken so far.
func (m *Matches) Broken() int64 { return m.verdict.Broken() }

// Add adds another judge's findings.
func (v *Verdict) Add(other Verdict) {
	if v.Broken == nil && len(other.Broken) > 0 {
		v.Broken = map[Rule]int64{}
	}
	for rule, n := range other.Broken {
		v.Broken[rule] += n
	}
	v.Examples = append(v.Examples, other.Examples...)
}
