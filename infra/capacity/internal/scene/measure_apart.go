package scene

import (
	"context"
	"fmt"

	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/line"
)

// apart: three of each six move to the second chat node, all say nothing and then talk as
// before, and the three come back. What a second and a message cost beyond what they did on
// one node is what it takes to have a room on another.
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
	rest, _, err := m.settled(ctx, "apart")
	if err != nil {
		return err
	}
	message, err := m.atRates(ctx, rest)
	if err != nil {
		return err
	}
	m.both = false
	second := rest.Plus(m.rest, -1)
	second.Chat -= m.silence[0].Chat // what the second node takes for itself, as the first does
	m.further(costs.NodeSecond, "a room on another node", costs.Unit{}.Plus(second, matchapi.Seats/float64(len(m.people))))
	m.further(costs.Hear, "a message on another node", message.Plus(m.six.Unit, -1))
	m.phase.Store("together")
	return m.spread(three, m.moves(m.Chat))(ctx)
}

// further notes what a further node takes. It is a small part of what there was on one, and
// may drown in what two stages differ by; then the file says so.
func (m *measuring) further(op costs.Op, what string, more costs.Unit) {
	for _, process := range []string{costs.Chat, costs.Redis} {
		if micros := more.CPU(process); micros <= 0 {
			m.found.Doubts = append(m.found.Doubts, fmt.Sprintf("CPU of %s for %s: %.0f µs are counted as none", process, what, micros))
		}
	}
	m.costs(op, more)
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
