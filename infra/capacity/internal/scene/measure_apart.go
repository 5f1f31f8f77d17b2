package scene

import (
	"context"

	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

// apart: those who had left come back, now three of each six to either of two chat nodes,
// and all talk. What a message costs beyond what it did when six were on one node is what it
// takes to be heard of on another.
func (m *measuring) apart(ctx context.Context) error {
	if len(m.Others) == 0 {
		return nil // the file will say that it was not measured
	}
	m.phase.Store("apart")
	five := m.fiveOfSix()
	if err := m.spread(five, m.comesBack)(ctx); err != nil {
		return err
	}
	m.both = true
	defer func() { m.both = false }()
	rest, _, err := m.still(ctx, "apart")
	if err != nil {
		return err
	}
	message, _, err := m.atRates(ctx, rest)
	if err != nil {
		return err
	}
	m.costs(costs.Hear, message.Plus(m.six, -1))
	return m.spread(five, m.hangsUp)(ctx)
}

// comesBack connects to the node of the member's seat and listens from where the one who
// stayed is.
func (m *measuring) comesBack(ctx context.Context, g *guest) (err error) {
	i := g.m.number / perVisitor
	seat := i % matchapi.Seats
	g.m.ear = g.m.room.Listen(m.people[i-seat].m.ear.Seen())
	g.m.bye.Store(false)
	if g.chat, err = m.node(seat).Sixseat(ctx, g.m.number, g.m.token, m.Beat); err != nil {
		return err
	}
	return m.subscribes(ctx, g)
}
