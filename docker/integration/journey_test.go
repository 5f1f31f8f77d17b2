//go:build e2e

package integration

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/chatter"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testclient"
)

// TestJourney goes the whole way with 120 members who are spread over both nodes of both
// services: sign in, look for a film, wait, be six, chat, read history; and then looks for
// their words and tokens in everything that the containers printed.
func TestJourney(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), ceiling)
	defer cancel()
	movies := newFilms(t, chatRooms)
	find(t, movies[0])

	waiting := newLine(t, ctx, newFilms(t, 1)[0])
	await(t, "streams are open on both nodes of match-service", func() string { return spread(t, "match-service") })

	notes := chatter.NewNotes(t)
	rooms, err := newRooms(ctx, notes, movies)
	if err != nil {
		t.Fatal(err)
	}
	hangUp := chatter.Connect(t.Context(), rooms, func(int) string { return system.base })
	defer hangUp()
	await(t, "sockets are open on both nodes of chat-service", func() string { return spread(t, "chat-service") })
	talking, quiet := context.WithTimeout(t.Context(), calm)
	defer quiet()
	chatter.Talk(talking, rooms, pace)
	chatter.Settle(t, rooms, system.base)
	hangUp()
	facts := chatter.Judge(t, rooms, system.base)
	waiting.finish(t, ctx)

	var secrets []string
	for _, r := range facts {
		for _, m := range r.History {
			if m.Comment != "" {
				secrets = append(secrets, m.Comment)
			}
		}
	}
	if len(secrets) == 0 {
		t.Fatal("nobody said anything")
	}
	chatter.Each(rooms, func(_ int, m *chatter.Member) { secrets = append(secrets, m.Me.Token) })
	silent(t, secrets)
}

// find looks a film up by its title as a member would.
func find(t *testing.T, movieID string) {
	t.Helper()
	guest := &testclient.Member{Base: system.base}
	var film matchapi.Movie
	if err := guest.Call(t.Context(), http.MethodGet, "/match/movies/"+movieID, nil, &film); err != nil {
		t.Fatal(err)
	}
	var page matchapi.Movies
	if err := guest.Call(t.Context(), http.MethodGet, "/match/movies?q="+url.QueryEscape(film.Title), nil, &page); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(page.Items, func(m matchapi.Movie) bool { return m.MovieID == movieID }) {
		t.Errorf("a search for %q does not find it", film.Title)
	}
}

// spread says why not both nodes of a service serve somebody.
func spread(t *testing.T, service string) string {
	t.Helper()
	open := system.openOn(t, service)
	if len(open) == 2 && open[0] > 0 && open[1] > 0 {
		return ""
	}
	return fmt.Sprintf("open on each node: %v", open)
}

// silent wants none of the secrets in any log.
func silent(t *testing.T, secrets []string) {
	t.Helper()
	all, err := system.containers("")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, c := range all {
		log, err := docker("logs", c.ID)
		if err != nil {
			t.Fatal(err)
		}
		read += len(log)
		for _, s := range secrets {
			if strings.Contains(log, s) {
				t.Errorf("the log of %s has %q", c.Name, s)
			}
		}
	}
	t.Logf("%d secrets are not in %d octets of logs of %d containers", len(secrets), read, len(all))
}
