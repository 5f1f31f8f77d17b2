package match_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// given is one row of the seats of this run, with the wait that it was given to.
type given struct {
	room, movie, member, wanted, also string
	seat, generation                  int
	created, at, joined               time.Time
	entered, gaveUp                   bool
}

func (w *world) given() (rows []given) {
	found, err := w.db.raw.Query(`SELECT r.room_id, r.movie_id, s.member_id, w.movie_id, w.also_movie_ids, s.seat, s.generation,
		r.created_at, s.given_at, w.joined_at, s.entered_at IS NOT NULL,
		COALESCE(s.outcome = 'given-up', false)
		FROM seats s JOIN rooms r ON r.room_id = s.room_id JOIN waits w ON w.join_id = s.join_id
		WHERE r.created_at >= ? ORDER BY r.room_id, s.seat, s.generation`, w.start.UnixMilli())
	w.must(err)
	defer found.Close()
	for found.Next() {
		var g given
		var created, at, joined int64
		w.must(found.Scan(&g.room, &g.movie, &g.member, &g.wanted, &g.also, &g.seat, &g.generation, &created, &at, &joined, &g.entered, &g.gaveUp))
		g.created, g.at, g.joined = time.UnixMilli(created), time.UnixMilli(at), time.UnixMilli(joined)
		rows = append(rows, g)
	}
	w.must(found.Err())
	return rows
}

// check asks for what must be true at any moment, of the store alone.
func (w *world) check(*rapid.T) {
	first, members := map[string]int{}, map[string]map[string]bool{}
	rows := w.given()
	for i, g := range rows {
		if members[g.room] == nil {
			members[g.room] = map[string]bool{}
		}
		if members[g.room][g.member] {
			w.Fatalf("%s was given two seats of room %s", g.member, g.room)
		}
		members[g.room][g.member] = true
		if g.generation == 1 {
			first[g.room]++
		} else {
			w.checkNoShow(rows[i-1], g)
		}
		w.checkFilm(g)
		w.checkPresence(g)
		w.checkFeed(g)
	}
	for room, n := range first {
		if n != matchapi.Seats {
			w.Fatalf("room %s has %d seats", room, n)
		}
	}
}

// checkFilm: the film was the member's first choice, or a second one whose time had come.
func (w *world) checkFilm(g given) {
	if g.movie == g.wanted {
		return
	}
	if !slices.Contains(strings.Fields(g.also), g.movie) || g.at.Sub(g.joined) < match.DefaultLimits().AlsoAfter {
		w.Fatalf("%s, who wants %s and after 30 s %q, got %s after %v", g.member, g.wanted, g.also, g.movie, g.at.Sub(g.joined))
	}
}

// checkPresence: the member had called within 30 s before the seat was given.
func (w *world) checkPresence(g given) {
	i := slices.IndexFunc(w.people, func(p *person) bool { return p.ID == g.member })
	for _, at := range w.people[i].tried {
		if d := g.at.Sub(at); d >= 0 && d <= match.DefaultLimits().Present {
			return
		}
	}
	w.Fatalf("%s was given a seat at %v without being present: %v", g.member, g.at, w.people[i].tried)
}

// checkNoShow: a seat goes on only from one who gave it up or had 20 s to enter. Who gave
// it up after entering it, where the news of that was lost, is known to sit there again.
func (w *world) checkNoShow(former, next given) {
	if !former.gaveUp && !former.entered && next.at.Sub(former.at) < match.DefaultLimits().NoShowAfter {
		w.Fatalf("seat %d of %s was taken from %s after %v", next.seat, next.room, former.member, next.at.Sub(former.at))
	}
}

// checkFeed: a seat was given on only while chat-service could be heard.
func (w *world) checkFeed(g given) {
	heard := func(beat time.Time) bool {
		return !beat.After(g.at) && g.at.Sub(beat) <= matchapi.FeedLag
	}
	if g.generation > 1 && !slices.ContainsFunc(w.chat.beats, heard) {
		w.Fatalf("seat %d of %s was given on at %v, unheard: %v", g.seat, g.room, g.at, w.chat.beats)
	}
}

// checkNobodyIsLost asks, after a quiet time, whether everybody has what they may expect.
func (w *world) checkNobodyIsLost() {
	rows := w.given()
	for _, p := range w.people {
		// A match may come and, without being seen for 20 s, go.
		missed := p.state.Reason == matchapi.ReasonGivenAway
		if p.waits && p.state.Kind == matchapi.Idle && !missed {
			w.Fatalf("%s is lost: waited and is idle (%s)", p.ID, p.state.Reason)
		}
		if p.state.Kind == matchapi.Matched && w.now.Sub(p.touched) < match.ReadEvery {
			w.checkMatch(p, rows)
		}
	}
	counts, err := w.queue.Counts(context.Background(), w.films)
	w.must(err)
	if slices.Max(counts) >= matchapi.Seats {
		w.Fatalf("six wait for the same film and have no room: %v", counts)
	}
	for _, g := range rows {
		h, held := w.chat.seats[g.room+" "+string(rune('0'+g.seat))]
		if g.entered && (!held || h.memberID != g.member) {
			w.Fatalf("seat %d of %s: noted as entered by %s, but %+v sits there", g.seat, g.room, g.member, h)
		}
	}
}

// checkMatch: what the member is shown is in the store, and chat-service lets them in.
func (w *world) checkMatch(p *person, rows []given) {
	m := p.state.Match
	known := slices.ContainsFunc(rows, func(g given) bool {
		return g.room == m.Room.RoomID && g.seat == m.Seat && g.generation == m.Generation && g.member == p.ID
	})
	if !known {
		w.Fatalf("%s is shown seat %d of %s, which the store does not know", p.ID, m.Seat, m.Room.RoomID)
	}
	if got := w.chat.enter(p.ID, m, w.now); got != seated {
		w.Fatalf("%s is matched with seat %d of %s, and chat-service says %s", p.ID, m.Seat, m.Room.RoomID, got)
	}
}
