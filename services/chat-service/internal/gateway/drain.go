package gateway

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/sixseat/sixseat/pkg/service"
)

// drain is how a node that stops closes its sockets.
type drain struct {
	settling context.Context // ends when all must be told goodbye
	end      time.Time       // of the window
}

// Drain closes all sockets with 1012, evenly over the window, each once its SENDs under
// way are receipted and its outbox is written. It returns when they are gone. Shortly
// before ctx ends the rest is told goodbye as it is, and at its end cut. New sockets are
// taken until the window is over.
func (g *Gateway) Drain(ctx context.Context, window time.Duration) {
	settling, cancel := beforeEnd(ctx, goodbyeTimeout)
	defer cancel()
	d := &drain{settling, time.Now().Add(window)}
	g.mu.Lock()
	g.drain = d // those who come from now on
	g.mu.Unlock()
	sessions := g.all()
	service.Evenly(settling, window, sessions, func(s *session) { go s.depart(settling) })
	if len(sessions) > 0 {
		select {
		case <-time.After(time.Until(d.end)):
		case <-settling.Done():
		}
	}
	g.mu.Lock()
	g.stopping = true
	g.mu.Unlock()
	gone := make(chan struct{})
	go func() { g.open.Wait(); close(gone) }()
	select {
	case <-gone:
	case <-ctx.Done():
		for _, s := range g.all() {
			s.conn.cancel() // no goodbye for those who do not read
		}
		<-gone
	}
}

// beforeEnd ends earlier than ctx, if that has a deadline.
func beforeEnd(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, end.Add(-by))
	}
	return context.WithCancel(ctx)
}

// late gives a socket that came during the drain its turn, at a moment of what is left of
// the window: where clients know no other node, all of them come back to this one.
func (d *drain) late(s *session) {
	left := max(time.Until(d.end), 1)
	time.AfterFunc(rand.N(left), func() { s.depart(d.settling) })
}
