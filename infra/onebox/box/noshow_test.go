package box_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/infra/onebox/box"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testclient"
	"github.com/sixseat/sixseat/pkg/wire"
)

func TestNoShow_onEmbeddedStores(t *testing.T) {
	t.Setenv("NO_SHOW_AFTER", "1s")
	stores, err := box.Embedded(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	noShow(t, start(t, stores))
}

// noShow has one of six stay away, in two rooms: in the first the next waiter takes the
// seat; in the second the one who stayed away comes at the last moment after all.
func noShow(t *testing.T, b *box.Box) {
	ctx, cancel := context.WithTimeout(t.Context(), journeyCeiling)
	defer cancel()
	movies := pick(t, ctx, b.URL())

	t.Run("the next waiter takes the seat", func(t *testing.T) {
		e := beginEvening(t, ctx, b, movies[0])
		taker, given := e.seatGivenOn()

		e.ok(enter(ctx, taker, given))

		e.refused(enter(ctx, e.absent, e.missed), "seat-given-away")
		var state matchapi.State
		e.ok(e.absent.Call(ctx, "GET", "/match/queue", nil, &state))
		if state.State != matchapi.Idle || state.Reason != matchapi.ReasonGivenAway {
			t.Errorf("who stayed away sees %+v", state)
		}
	})
	t.Run("who enters first keeps it", func(t *testing.T) {
		e := beginEvening(t, ctx, b, movies[1])
		taker, given := e.seatGivenOn()

		e.ok(enter(ctx, e.absent, e.missed))

		e.refused(enter(ctx, taker, given), "seat-taken")
		e.until(taker, func(s matchapi.State) bool { return s.State == matchapi.Waiting })
		again, err := taker.Join(ctx, e.movieID)
		e.ok(err)
		if again.State != matchapi.Waiting || !again.JoinedAt.Equal(e.joined.Time) {
			t.Errorf("the place is not the old one of %v: %+v", e.joined, again)
		}
	})
}

// evening is a room of which five have come.
type evening struct {
	*testing.T
	ctx     context.Context
	base    string
	movieID string
	absent  *testclient.Member
	missed  matchapi.State // what the absent one was given
	joined  wire.Time      // of the seventh
}

func beginEvening(t *testing.T, ctx context.Context, b *box.Box, movieID string) *evening {
	t.Helper()
	e := &evening{T: t, ctx: ctx, base: b.URL(), movieID: movieID}
	states := make([]matchapi.State, matchapi.Seats)
	members := make([]*testclient.Member, matchapi.Seats)
	g, ctx := errgroup.WithContext(ctx)
	for i := range states {
		g.Go(func() (err error) {
			if members[i], err = testclient.SignIn(ctx, b.URL(), fmt.Sprint("user", i)); err != nil {
				return err
			}
			if states[i], err = members[i].Match(ctx, movieID); err != nil || i == 0 {
				return err
			}
			return enter(ctx, members[i], states[i])
		})
	}
	e.ok(g.Wait())
	e.absent, e.missed = members[0], states[0]
	return e
}

// seatGivenOn lets a seventh member wait, who is given the seat of the absent one.
func (e *evening) seatGivenOn() (taker *testclient.Member, given matchapi.State) {
	e.Helper()
	taker, err := testclient.SignIn(e.ctx, e.base, "seventh")
	e.ok(err)
	waiting, err := taker.Join(e.ctx, e.movieID)
	e.ok(err)
	e.joined = waiting.JoinedAt
	given = e.until(taker, func(s matchapi.State) bool { return s.State == matchapi.Matched })
	if given.Room.RoomID != e.missed.Room.RoomID || given.Seat != e.missed.Seat || given.Generation != 2 {
		e.Fatalf("given seat %d of %s, generation %d; seat %d of %s was free", given.Seat, given.Room.RoomID, given.Generation, e.missed.Seat, e.missed.Room.RoomID)
	}
	return taker, given
}

// until follows a member's event stream until a state is the one wanted.
func (e *evening) until(m *testclient.Member, wanted func(matchapi.State) bool) (state matchapi.State) {
	e.Helper()
	for found := false; !found; {
		e.ok(m.Watch(e.ctx, func(s matchapi.State) bool {
			state, found = s, wanted(s)
			return !found
		}))
	}
	return state
}

func (e *evening) ok(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// refused wants a conflict of the given problem type.
func (e *evening) refused(err error, slug string) {
	e.Helper()
	var answer *testclient.StatusError
	if !errors.As(err, &answer) || answer.Status != http.StatusConflict || !strings.Contains(answer.Body, slug) {
		e.Errorf("got %v, want a conflict: %s", err, slug)
	}
}

func enter(ctx context.Context, m *testclient.Member, s matchapi.State) error {
	_, err := m.Enter(ctx, s.Ticket)
	return err
}

func TestWaitAnew_afterEntering(t *testing.T) {
	stores, err := box.Embedded(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	b := start(t, stores)
	ctx, cancel := context.WithTimeout(t.Context(), journeyCeiling)
	defer cancel()
	movies := pick(t, ctx, b.URL())
	e := beginEvening(t, ctx, b, movies[0])
	e.ok(enter(ctx, e.absent, e.missed))

	for state := e.missed; state.State != matchapi.Waiting; {
		if ctx.Err() != nil {
			t.Fatalf("still %+v", state)
		}
		state, err = e.absent.Join(ctx, movies[1])
		e.ok(err)
		<-time.After(10 * time.Millisecond)
	}
}

func TestLeave_isTheEndOfTheMatch(t *testing.T) {
	stores, err := box.Embedded(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	b := start(t, stores)
	ctx, cancel := context.WithTimeout(t.Context(), journeyCeiling)
	defer cancel()
	e := beginEvening(t, ctx, b, pick(t, ctx, b.URL())[0])
	e.ok(enter(ctx, e.absent, e.missed))

	e.ok(e.absent.Call(ctx, "DELETE", "/chat/rooms/"+e.missed.Room.RoomID+"/members/me", nil, nil))

	e.until(e.absent, func(s matchapi.State) bool { return s.State == matchapi.Idle && s.Reason == "" })
	var rooms matchapi.MyRooms
	e.ok(e.absent.Call(ctx, "GET", "/match/rooms", nil, &rooms))
	if len(rooms.Items) != 0 {
		t.Errorf("who left still has %d rooms", len(rooms.Items))
	}
}
