package scene

import (
	"context"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/line"
)

// sits: they connect, subscribe, and say nothing for a while.
func (m *measuring) sits(ctx context.Context) error {
	members := make([]*member, len(m.people))
	for i, g := range m.people {
		members[i] = &g.m
	}
	n := float64(len(members))
	before, err := m.look(ctx)
	if err != nil {
		return err
	}
	m.first.usage[costs.Chat], m.first.usage[costs.Postgres], m.first.usage[costs.Redis] = before.usage[costs.Chat], before.usage[costs.Postgres], before.usage[costs.Redis]
	m.cast(members)
	connected, err := m.during(ctx, "connect", m.spread(m.people, func(ctx context.Context, g *guest) error {
		var err error
		if g.chat, err = m.Chat.Sixseat(ctx, g.m.number, g.m.token, m.Beat); err == nil {
			g.m.session.Store(new(line.Chat(g.chat)))
		}
		return err
	}))
	if err != nil {
		return err
	}
	m.found.Memory.Connected = m.takes("chat-service for a connection", float64(connected.after.usage[costs.Chat].RSS-before.usage[costs.Chat].RSS)/n)
	subscribed, err := m.during(ctx, "subscribe", m.spread(m.people, m.subscribes))
	if err != nil {
		return err
	}
	quiet, after, err := m.silent(ctx, "silence", len(members))
	if err != nil {
		return err
	}
	m.found.Memory.Presence = m.takes("Redis for a connection", float64(after.redis.Memory-before.redis.Memory)/n)
	second := costs.Unit{}.Plus(quiet, 1/n).Plus(m.rest, -1/n)
	// On the average half of them are there already while one connects.
	one := connected.each(len(members), m.rest.Plus(second, n/2)).Plus(subscribed.each(len(members), m.rest.Plus(second, n)), 1)
	one.Kept = 0
	m.costs(costs.Connect, one)
	m.rest = quiet
	return nil
}
