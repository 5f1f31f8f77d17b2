package match

import (
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// News is what a member's event streams are told of a change. A change that many see is
// told with all that they show, so that they need not all ask the queue at that moment.
type News struct {
	State *State // where the member stands now
	Line  *Line  // how a film's queue looks now, in which the member stands
	Look  bool   // something has changed that only a read can tell
}

// Line is how the queue of a film looks.
type Line struct {
	MovieID  string
	Waiting  int               // present members
	Seated   []matchapi.Person // who waits longest first; those far behind are left out
	Arrivals Arrivals
}

// and is n followed by later news.
func (n News) and(later News) News {
	switch {
	case later.Look || later.State != nil:
		return later // it tells everything
	case n.Look:
		return n
	case n.Line != nil && n.Line.MovieID != later.Line.MovieID:
		return News{Look: true}
	}
	n.Line = later.Line
	return n
}

// After is where a member stands after the news who stood at s before. known is false when
// only a read can tell.
func (n News) After(s State, memberID string, now time.Time) (after State, known bool) {
	if n.Look {
		return s, false
	}
	if n.State != nil {
		s = *n.State
	}
	if n.Line != nil {
		s = n.Line.seenBy(s, memberID, now)
	}
	return s, true
}

// seenBy is s with the line as it is now. A member who is not in it is absent or on the
// way into a room, which is told by itself.
func (l *Line) seenBy(s State, memberID string, now time.Time) State {
	if s.Kind != matchapi.Waiting || s.Waiting.MovieID != l.MovieID {
		return s
	}
	for i, p := range l.Seated {
		if p.MemberID == memberID {
			s.Waiting.Waiting, s.Waiting.Place, s.Waiting.Seated = l.Waiting, i+1, l.Seated
			s.Waiting.ETASeconds = l.Arrivals.ETASeconds(matchapi.Seats-l.Waiting, now)
		}
	}
	return s
}
