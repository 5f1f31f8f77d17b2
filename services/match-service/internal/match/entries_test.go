package match_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// hall is the stores of a service that hears of six entries, and what it did about them.
type hall struct {
	match.Seats
	match.Queue

	together error         // of EnterAll
	alone    []int         // seats that EnterAll enters
	single   map[int]error // of Enter, by seat
	away     map[int]error // of Settle, by seat
	asked    []int         // seats for which Enter was asked
	settled  []int         // seats that were settled
	done     int           // as the feed was told
	failed   error
}

func (h *hall) Sweep(context.Context) (match.Swept, error) { return match.Swept{Feed: true}, nil }

func (h *hall) Entries(_ context.Context, handle func([]matchapi.Entry) (int, error)) (int, bool, error) {
	var six []matchapi.Entry
	for seat := 1; seat <= 6; seat++ {
		six = append(six, matchapi.Entry{Kind: matchapi.KindEntered, RoomID: "room", Seat: seat, Generation: 1, MemberID: fmt.Sprint("m", seat)})
	}
	h.done, h.failed = handle(six)
	return h.done, false, h.failed
}

func (h *hall) entered(seat int) match.Entered {
	return match.Entered{Seated: &match.Seated{Seat: seat}}
}

func (h *hall) EnterAll(_ context.Context, entries []matchapi.Entry) ([]match.Entered, error) {
	results := make([]match.Entered, len(entries))
	for i, e := range entries {
		if slices.Contains(h.alone, e.Seat) {
			results[i] = h.entered(e.Seat)
		}
	}
	return results, h.together
}

func (h *hall) Enter(_ context.Context, e matchapi.Entry, _ time.Time, _ func() string) (match.Entered, error) {
	h.asked = append(h.asked, e.Seat)
	return h.entered(e.Seat), h.single[e.Seat]
}

func (h *hall) Settle(_ context.Context, _ string, _ matchapi.Room, seated []match.Seated) error {
	if err := h.away[seated[0].Seat]; err != nil {
		return err
	}
	h.settled = append(h.settled, seated[0].Seat)
	return nil
}

func TestEntries_areHandledTogetherAndEachByItselfWhereThatFails(t *testing.T) {
	all := []int{1, 2, 3, 4, 5, 6}
	away := fault.New(fault.Unavailable, "away")
	for name, c := range map[string]struct {
		hall           hall
		asked, settled []int
		done           int
		fails          bool
	}{
		"all of them":                {hall{alone: all}, nil, all, 6, false},
		"some need to be asked for":  {hall{alone: []int{1, 3, 6}}, []int{2, 4, 5}, all, 6, false},
		"one spoils it for the rest": {hall{alone: all, together: errors.New("bad"), single: map[int]error{4: errors.New("bad")}}, all, []int{1, 2, 3, 5, 6}, 6, false},
		"the store is away":          {hall{together: away}, nil, nil, 0, true},
		"the store goes away":        {hall{alone: []int{1, 2}, single: map[int]error{4: away}}, []int{3, 4}, []int{1, 2, 3}, 3, true},
		"the queue goes away":        {hall{alone: all, away: map[int]error{3: away}}, nil, []int{1, 2}, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := &c.hall
			s := match.New(match.Parts{
				Seats: h, Queue: h, Feed: h, Observer: nobody{}, Limits: match.DefaultLimits(), Now: time.Now, NewID: newID, Log: slog.New(slog.DiscardHandler),
			})
			if err := s.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(h.asked, c.asked) || !slices.Equal(h.settled, c.settled) {
				t.Errorf("asked for %v and settled %v, want %v and %v", h.asked, h.settled, c.asked, c.settled)
			}
			if h.done != c.done || (h.failed != nil) != c.fails {
				t.Errorf("%d are done, %v; want %d, failed: %v", h.done, h.failed, c.done, c.fails)
			}
		})
	}
}

// gate is the stores of a service whose feed is read only when it is let.
type gate struct {
	match.Waits
	reads atomic.Int32 // readings of the feed that began
	open  chan struct{}
}

func (g *gate) Entries(context.Context, func([]matchapi.Entry) (int, error)) (int, bool, error) {
	g.reads.Add(1)
	<-g.open
	return 0, false, nil
}

func (g *gate) Leave(context.Context, string, time.Time) (match.Standing, error) {
	return match.Standing{}, nil
}

// gateQueue is the queue's side of gate: Leave is a name of two ports.
type gateQueue struct{ match.Queue }

func (gateQueue) Leave(context.Context, match.Member, int64, string, *match.Seat) (match.Step, error) {
	return match.Step{}, nil
}

// Who leaves must know of every entry up to then. Many who leave at once read the feed once
// for all of them: each for itself would do all of its work as often as there are leavers.
func TestLeave_manyReadTheEntryFeedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan struct{})}
		s := match.New(match.Parts{
			Waits: g, Queue: gateQueue{}, Feed: g, Observer: nobody{}, Limits: match.DefaultLimits(), Now: time.Now, NewID: newID, Log: slog.New(slog.DiscardHandler),
		})
		var left sync.WaitGroup
		leave := func() {
			left.Go(func() {
				if _, err := s.Leave(t.Context(), match.Member{ID: "m"}); err != nil {
					t.Error(err)
				}
			})
		}
		leave()
		synctest.Wait() // the first reading has begun, and may have missed what the others know of
		for range 100 {
			leave()
		}
		synctest.Wait()
		g.open <- struct{}{}
		synctest.Wait()
		if n := g.reads.Load(); n != 2 {
			t.Errorf("the feed was read %d times by then, want the second reading to have begun", n)
		}
		close(g.open)
		left.Wait()
		if n := g.reads.Load(); n != 2 {
			t.Errorf("101 members left, and the feed was read %d times, want 2", n)
		}
	})
}

// matchedBefore is the stores of a service in which a member has just entered a room, which
// somebody else handles between the first question and the next.
type matchedBefore struct {
	match.Waits
	match.Films
	asked int
}

func (m *matchedBefore) Open(context.Context, match.Ask) (match.Standing, error) {
	if m.asked++; m.asked == 1 {
		return match.Standing{Match: &match.Match{}}, nil
	}
	return match.Standing{}, nil
}

func (m *matchedBefore) Title(context.Context, string) (string, error) { return "Film", nil }

func (m *matchedBefore) Entries(context.Context, func([]matchapi.Entry) (int, error)) (int, bool, error) {
	return 0, false, nil
}

// joinable is a queue in which everybody waits.
type joinable struct{ match.Queue }

func (joinable) Join(context.Context, match.Wait, match.JoinReason) (match.Step, error) {
	return match.Step{State: match.State{Kind: matchapi.Waiting}}, nil
}

// Whoever has entered begins a new wait, also when the news of it was handled for others.
func TestJoin_asksAgainAlsoWhenOthersHandledTheNews(t *testing.T) {
	m := &matchedBefore{}
	s := match.New(match.Parts{
		Waits: m, Queue: joinable{}, Feed: m, Films: m, Observer: nobody{}, Limits: match.DefaultLimits(), Now: time.Now, NewID: newID, Log: slog.New(slog.DiscardHandler),
	})
	state, err := s.Join(t.Context(), match.Member{ID: "m"}, matchapi.Join{MovieID: "film"})
	if err != nil || state.Kind != matchapi.Waiting {
		t.Errorf("the member is %q, %v; want %q", state.Kind, err, matchapi.Waiting)
	}
}
