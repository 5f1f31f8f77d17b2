package scene

import (
	"context"
	"fmt"
	"net/http"

	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

// visits: people sign in and look at films.
func (m *measuring) visits(ctx context.Context) error {
	var err error
	if m.rest, _, err = m.silent(ctx, "nobody", 0); err != nil {
		return err
	}
	signIn, err := m.during(ctx, "signIn", m.spread(m.people, func(ctx context.Context, g *guest) (err error) {
		if g.conn, err = m.Match.HTTP(ctx, g.m.number); err != nil {
			return err
		}
		err = g.conn.Do(http.MethodPost, "/match/members", "", matchapi.NewMember{Nickname: fmt.Sprintf("user%d", g.m.number)}, &g.me)
		g.m.token = g.me.Token
		return err
	}))
	if err != nil {
		return err
	}
	films, err := m.during(ctx, "filmsPage", m.spread(m.people, func(_ context.Context, g *guest) error {
		defer g.conn.Close()
		var page matchapi.Movies
		if err := g.conn.Do(http.MethodGet, moviesPath, g.me.Token, nil, &page); err != nil {
			return err
		}
		return g.conn.Do(http.MethodGet, nextPage(page), g.me.Token, nil, nil)
	}))
	if err != nil {
		return err
	}
	m.costs(costs.SignIn, signIn.each(len(m.people), m.rest))
	m.costs(costs.FilmsPage, films.each(2*len(m.people), m.rest))
	return nil
}
