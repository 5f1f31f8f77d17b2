package gateway

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/limit"
)

// Places counts a member's sessions on all nodes, see limit.Limiter, which bounds its waits.
type Places interface {
	Hold(ctx context.Context, s limit.Slots, h limit.Holder) (instead string, err error)
	Renew(ctx context.Context, s limit.Slots, hs []limit.Holder) (lost []limit.Holder, err error)
	Release(ctx context.Context, s limit.Slots, h limit.Holder)
}

// takePlace makes this one of the member's sessions. When there are too many, one that
// fell silent goes instead, as a client that reconnects leaves it behind; evicting one
// that lives would make six clients evict one another for ever.
func (s *session) takePlace(memberID string) error {
	if s.g.limits.Sessions == 0 {
		return nil
	}
	ctx, cancel := s.asking()
	defer cancel()
	instead, err := s.g.limits.Places.Hold(ctx, s.g.places(), limit.Holder{Who: memberID, Name: s.conn.id})
	if fault.Is(err, fault.TooMany) {
		return fault.New(fault.TooManySessions, "You have %d sessions already: close one first.", s.g.limits.Sessions)
	}
	s.renewed = s.g.now().Add(-rand.N(renewEvery)) // those who came in one second would renew in one second for as long as they stay
	s.g.yield(instead)
	return err
}

// leavePlace gives the place to others, also when the socket is gone already.
func (s *session) leavePlace() {
	if member := s.member.Load(); member != nil && s.g.limits.Sessions > 0 {
		s.g.limits.Places.Release(context.Background(), s.g.places(), limit.Holder{Who: member.ID, Name: s.conn.id})
	}
}

func (g *Gateway) places() limit.Slots {
	return limit.Slots{Name: "sessions", Most: g.limits.Sessions, Lease: placeLease}
}

// yield ends the session of this id, which another took the place of; if it is on
// another node, that one finds out when it renews.
func (g *Gateway) yield(id string) {
	g.mu.Lock()
	s := g.sessions.Get(id)
	g.mu.Unlock()
	if s != nil {
		s.fail(nil, fault.New(fault.TooManySessions, "This session was silent, and a new one of yours took its place."))
	}
}

// keepPlaces looks at each session once a second and renews what is due, until ctx ends. It is
// beside the sweep, so that a counter which does not answer holds up no heart-beat.
func (g *Gateway) keepPlaces(ctx context.Context) {
	if g.limits.Sessions == 0 {
		return
	}
	sweeps(ctx, func(from, to int) { g.renewPlaces(ctx, g.due(from, to)) })
}

func (g *Gateway) renewPlaces(ctx context.Context, of []*session) {
	var due []limit.Holder
	var sessions []*session
	for _, s := range of {
		if h, ok := s.place(g.now()); ok {
			due, sessions = append(due, h), append(sessions, s)
		}
	}
	for len(due) > 0 {
		n := min(len(due), maxRenewals)
		g.renew(ctx, due[:n], sessions[:n])
		due, sessions = due[n:], sessions[n:]
	}
}

func (g *Gateway) renew(ctx context.Context, due []limit.Holder, sessions []*session) {
	lost, err := g.limits.Places.Renew(ctx, g.places(), due)
	if err != nil {
		g.log.Debug("places not renewed", "err", err)
	}
	for _, h := range lost {
		g.yield(h.Name)
	}
	for _, s := range sessions {
		if s.conn.over() { // it may have given its place back just before this took it again
			s.leavePlace()
		}
	}
}

// place is the session's place among its member's, and whether it must be renewed now:
// each few seconds, and as soon as the session falls silent or is heard again. Only
// keepPlaces calls it.
func (s *session) place(now time.Time) (limit.Holder, bool) {
	member := s.member.Load()
	if member == nil || s.conn.over() {
		return limit.Holder{}, false
	}
	silent := now.Sub(s.conn.net.lastHeard()) > s.patience()
	if silent == s.silent && now.Sub(s.renewed) < renewEvery {
		return limit.Holder{}, false
	}
	s.silent, s.renewed = silent, now
	return limit.Holder{Who: member.ID, Name: s.conn.id, Silent: silent}, true
}

// patience is after which silence a session counts as silent: its heart-beat, or what
// stands for it where none was agreed, the answer to a ping.
func (s *session) patience() time.Duration {
	if expected := time.Duration(s.expected.Load()); expected > 0 {
		return expected + beatMargin
	}
	return pingEvery + sweepEvery + beatMargin
}
