package scene

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/pace"
)

// talked is what one message more cost, and to how many it went.
type talked struct {
	costs.Unit
	listeners float64
}

// atRates lets members talk at each rate. What rests, in a second in which nobody talks, is
// the first point of the line.
func (m *measuring) atRates(ctx context.Context, rest costs.Unit) (message talked, err error) {
	x, y := []float64{0}, []costs.Unit{rest}
	var sent, delivered float64
	for _, perSecond := range m.Rates {
		u, err := m.during(ctx, fmt.Sprintf("talk %g/s", perSecond), func(ctx context.Context) error {
			m.talk(ctx, perSecond, m.Duration)
			m.awaitFor(ctx, m.Patience, m.judge.Settled)
			return ctx.Err()
		})
		if err != nil {
			return message, err
		}
		x, y = append(x, u.sent/u.seconds), append(y, u.perSecond())
		sent, delivered = sent+u.sent, delivered+u.delivered
	}
	if sent == 0 {
		return message, errors.New("nobody could say anything")
	}
	return talked{fit(x, y), delivered / sent}, nil
}

// talks: members talk, and all six listen.
func (m *measuring) talks(ctx context.Context) (err error) {
	if m.six, err = m.atRates(ctx, m.rest); err != nil {
		return err
	}
	loaded, err := m.look(ctx)
	if err != nil {
		return err
	}
	base := m.first.usage[costs.Chat].RSS
	m.found.Memory.Subscribed = float64(loaded.usage[costs.Chat].RSS-base) / float64(len(m.people))
	return nil
}

// types: members are seen typing. Of the six frames of a room one comes in and five go out.
func (m *measuring) types(ctx context.Context) error {
	n := 0
	u, err := m.during(ctx, "signal", func(ctx context.Context) error {
		perSecond := m.Rates[len(m.Rates)-1]
		n = pace.Steady(ctx, time.Now(), perSecond, int(perSecond*m.Duration.Seconds()), func(i int, _ time.Time) {
			// In each room in turn, so that no member is over a limit.
			g := m.people[i*matchapi.Seats%len(m.people)+i*matchapi.Seats/len(m.people)%matchapi.Seats]
			if err := g.chat.Typing(g.m.roomID); err != nil {
				m.meter.Fail("typing", err)
			}
		})
		return ctx.Err()
	})
	if err == nil && n == 0 {
		err = errors.New("nobody could type")
	}
	if err == nil {
		signal := costs.Unit{}.Plus(u.each(n, m.rest), 1.0/matchapi.Seats)
		signal.WAL, signal.Disk, signal.Kept = 0, 0, 0
		m.costs(costs.Signal, signal)
	}
	return err
}

// listens: five of each six hang up, the one who is left talks and listens. What it costs
// less than with six is that of the deliveries.
func (m *measuring) listens(ctx context.Context) error {
	var five []*guest
	for i, g := range m.people {
		if i%matchapi.Seats > 0 {
			five = append(five, g)
		}
	}
	gone, err := m.during(ctx, "disconnect", m.spread(five, m.hangsUp))
	if err != nil {
		return err
	}
	stay := float64(len(m.people)-len(five)) / float64(len(m.people))
	anyway := costs.Unit{}.Plus(m.rest, (1+stay)/2) // and what rests without them, which is little
	closed := gone.each(len(five), anyway)
	closed.Kept = 0
	m.costs(costs.Connect, m.found.Each[costs.Connect].Plus(closed, 1))
	if m.rest, _, err = m.silent(ctx, "one of six", len(m.people)-len(five)); err != nil {
		return err
	}
	one, err := m.atRates(ctx, m.rest)
	if err != nil {
		return err
	}
	message, delivery := m.six.split(one)
	m.costs(costs.Delivery, delivery)
	m.costs(costs.Message, message)
	return nil
}

// split tells apart what a message costs and what each delivery of it does, by how much less
// it cost with fewer listeners. Both together are what it cost with more of them, which is
// what most rooms have, also where noise leaves nothing for a delivery.
func (six talked) split(one talked) (message, delivery costs.Unit) {
	more := six.listeners - one.listeners
	delivery = costs.Unit{}.Plus(six.Unit, 1/more).Plus(one.Unit, -1/more).Of(costs.Delivery)
	// The stores do the same for a message, whoever listens.
	delivery.Redis, delivery.WAL, delivery.Disk, delivery.Kept, delivery.Bus = 0, 0, 0, 0, 0
	message = six.Plus(delivery, -six.listeners)
	message.Postgres, message.Redis = (six.Postgres+one.Postgres)/2, (six.Redis+one.Redis)/2
	message.WAL, message.Disk, message.Bus = (six.WAL+one.WAL)/2, (six.Disk+one.Disk)/2, (six.Bus+one.Bus)/2
	return message, delivery
}
