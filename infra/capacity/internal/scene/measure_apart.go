package scene

import (
	"context"
	"fmt"

	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/line"
)

// apart: three of each six move to the second chat node, all talk as before, and the three
// come back. What a message costs beyond what it did on one node is what the other takes to
// hear of it.
func (m *measuring) apart(ctx context.Context) error {
	if len(m.Others) == 0 {
		return nil // the file will say that it was not measured
	}
	var three []*guest
	for i, g := range m.people {
		if i%2 > 0 {
			three = append(three, g)
		}
	}
	m.phase.Store("apart")
	if err := m.spread(three, m.moves(m.Others[0]))(ctx); err != nil {
		return err
	}
	m.both = true
	rest, _, err := m.still(ctx, "apart")
	if err != nil {
		return err
	}
	message, err := m.atRates(ctx, rest)
	if err != nil {
		return err
	}
	m.both = false
	m.hears(message.Plus(m.six.Unit, -1))
	m.phase.Store("together")
	return m.spread(three, m.moves(m.Chat))(ctx)
}

// hears notes what a node takes to hear of a message. It is a small part of what a message
// costs, and may drown in what two times of talk differ by; then the file says so.
func (m *measuring) hears(more costs.Unit) {
	for _, process := range []string{costs.Chat, costs.Redis} {
		if micros := more.CPU(process); micros <= 0 {
			m.found.Doubts = append(m.found.Doubts, fmt.Sprintf("CPU of %s for a message on another node: %.0f µs are counted as none", process, micros))
		}
	}
	m.costs(costs.Hear, more)
}

// moves lets a member connect to another node, and listen from where the first of the six
// is, who moves nowhere.
func (m *measuring) moves(to line.Target) func(context.Context, *guest) error {
	return func(ctx context.Context, g *guest) (err error) {
		if err := m.hangsUp(ctx, g); err != nil {
			return err
		}
		i := g.m.number / perVisitor
		g.m.ear = g.m.room.Listen(m.people[i-i%matchapi.Seats].m.ear.Seen())
		g.m.bye.Store(false)
		if g.chat, err = to.Sixseat(ctx, g.m.number, g.m.token, m.Beat); err != nil {
			return err
		}
		return m.subscribes(ctx, g)
	}
}
