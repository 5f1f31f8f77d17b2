package scene

import (
	"context"
	"fmt"
	"net/http"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

// goes: they read the history, hang up, and leave their rooms for good.
func (m *measuring) goes(ctx context.Context) error {
	history, err := m.during(ctx, "historyPage", m.spread(m.people, func(ctx context.Context, g *guest) error {
		conn, err := m.Chat.HTTP(ctx, g.m.number)
		if err != nil {
			return err
		}
		defer conn.Close()
		return conn.Do(http.MethodGet, fmt.Sprintf("/chat/rooms/%s/messages?limit=%d", g.m.roomID, historyPage), g.m.token, nil, nil)
	}))
	if err != nil {
		return err
	}
	page := history.each(len(m.people), m.rest)
	page.WAL, page.Disk, page.Kept = 0, 0, 0
	m.costs(costs.HistoryPage, page)
	m.hangUpAll()
	left, err := m.during(ctx, "leave", func(ctx context.Context) error {
		if err := m.spread(m.people, m.leavesRoom)(ctx); err != nil {
			return err
		}
		return m.caughtUp(ctx)
	})
	if err != nil {
		return err
	}
	leave := left.each(len(m.people), m.silence[0])
	leave.Kept = 0
	m.costs(costs.Leave, leave)
	quiet, _, err := m.silent(ctx, "nobody", 0)
	if err != nil {
		return err
	}
	second := fit(m.connected, m.silence)
	m.found.Doubts = append(m.found.Doubts, bent(m.connected, m.silence, second)...)
	second.WAL, second.Disk, second.Kept = 0, 0, 0
	m.costs(costs.ConnectionSecond, second)
	nobody := costs.Unit{}.Plus(m.silence[0], 0.5).Plus(quiet, 0.5)
	for _, name := range []string{costs.Chat, costs.Match, costs.Postgres, costs.Redis} {
		m.found.Idle[name] = costs.Idle{RSS: float64(m.first.usage[name].RSS), Cores: nobody.CPU(name) / 1e6}
	}
	return nil
}
