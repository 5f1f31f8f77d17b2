package match_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
	"github.com/sixseat/sixseat/services/match-service/internal/redisqueue"
	"github.com/sixseat/sixseat/services/match-service/internal/store"
)

// race is a Service on real stores and the real clock, called from many goroutines.
type race struct {
	*testing.T
	service *match.Service
	store   *store.Store
}

func newRace(t *testing.T, db *store.Store, rdb redis.UniversalClient, prefix string) *race {
	limits := match.DefaultLimits()
	limits.Present, limits.Kept = time.Hour, time.Hour // nobody expires, however slow the machine
	q := redisqueue.New(rdb, redisqueue.Config{Prefix: prefix, Limits: limits, Now: time.Now, NewID: newID})
	return &race{T: t, store: db, service: match.New(match.Parts{
		Waits: db, Rooms: db, Seats: db, Audit: db, Queue: q, Feed: q, Films: titles{}, Observer: nobody{},
		Limits: limits, Now: time.Now, NewID: newID, Log: slog.New(slog.DiscardHandler),
	})}
}

// TestRaces_onEmbedded runs a few of each; the integration tests run 2,000.
func TestRaces_onEmbedded(t *testing.T) {
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	t.Cleanup(func() { _ = rdb.Close() })
	db := newDatabase(t)
	newRace(t, db.Store, rdb, "").run(60)
}

func (r *race) run(pairs int) {
	r.Run("a cancel against the sixth join has one outcome", func(t *testing.T) { r.cancelAgainstPop(t, pairs) })
	r.Run("a cancel against a join of the same member leaves both stores agreed", func(t *testing.T) { r.cancelAgainstJoin(t, pairs) })
}

// each runs f for 0 to n-1 from a few dozen goroutines.
func each(n int, f func(i int)) {
	var wg sync.WaitGroup
	var next atomic.Int64
	for range 48 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}

// both runs two functions at the same time.
func both(a, b func()) {
	var wg sync.WaitGroup
	wg.Go(a)
	wg.Go(b)
	wg.Wait()
}

func (r *race) join(t *testing.T, id, film string) match.State {
	s, err := r.service.Join(context.Background(), match.Member{ID: id, Nickname: "n"}, matchapi.Join{MovieID: film})
	if err != nil {
		t.Errorf("join %s: %v", id, err)
	}
	return s
}

func (r *race) leave(t *testing.T, id string) matchapi.Left {
	l, err := r.service.Leave(context.Background(), match.Member{ID: id, Nickname: "n"})
	if err != nil {
		t.Errorf("leave %s: %v", id, err)
	}
	return l
}

func (r *race) read(t *testing.T, id string) match.State {
	s, err := r.service.Read(context.Background(), match.Member{ID: id, Nickname: "n"})
	if err != nil {
		t.Errorf("read %s: %v", id, err)
	}
	return s
}

// cancelAgainstPop lets one of five leave at the moment when the sixth comes.
func (r *race) cancelAgainstPop(t *testing.T, pairs int) {
	id := func(pair, n int) string { return fmt.Sprintf("pop-%d-%d", pair, n) }
	film := func(pair int) string { return fmt.Sprintf("pop-%d", pair) }
	each(pairs*5, func(i int) { r.join(t, id(i/5, i%5), film(i/5)) })

	left := make([]matchapi.Left, pairs)
	each(pairs, func(p int) {
		both(func() { r.join(t, id(p, 5), film(p)) }, func() {
			for range p % 7 { // a join takes longer than a leave: let the leaver begin later by turns
				r.read(t, id(p, p%5))
			}
			left[p] = r.leave(t, id(p, p%5))
		})
	})

	outcomes := map[string]int{}
	for p, l := range left {
		outcomes[l.Ended]++
		if s := r.read(t, id(p, p%5)); s.Kind != matchapi.Idle || s.Reason != matchapi.ReasonCancelled {
			t.Errorf("pair %d: the leaver, told %s, is %s %s", p, l.Ended, s.Kind, s.Reason)
		}
		for n := range 6 {
			if n != p%5 {
				r.checkOther(t, r.read(t, id(p, n)), l, id(p, p%5))
			}
		}
	}
	t.Logf("outcomes: %v", outcomes)
	if outcomes[matchapi.Waiting]+outcomes[matchapi.Matched] != pairs {
		t.Errorf("outcomes %v, want only waiting and matched", outcomes)
	}
}

// checkOther: one of the other five has what fits the answer that the leaver got.
func (r *race) checkOther(t *testing.T, s match.State, l matchapi.Left, leaver string) {
	switch {
	case l.Ended == matchapi.Waiting && s.Kind == matchapi.Waiting && s.Waiting.Waiting == 5:
	case l.Ended == matchapi.Matched && s.Kind == matchapi.Matched && s.Match.Room.RoomID == l.Room.RoomID:
	default:
		t.Errorf("%s was told %s, and another is %s with %d waiting", leaver, l.Ended, s.Kind, s.Waiting.Waiting)
	}
}

// cancelAgainstJoin lets members join and leave at the same moment.
func (r *race) cancelAgainstJoin(t *testing.T, pairs int) {
	id := func(pair int) string { return fmt.Sprintf("join-%d", pair) }
	each(pairs, func(p int) {
		both(func() { r.join(t, id(p), "join-"+id(p)) }, func() { r.leave(t, id(p)) })
	})
	outcomes := map[string]int{}
	for p := range pairs {
		shown := r.read(t, id(p))
		stored, err := r.store.Last(context.Background(), id(p))
		if err != nil {
			t.Fatal(err)
		}
		outcomes[shown.Kind]++
		if open := stored.Outcome == ""; open != (shown.Kind == matchapi.Waiting) {
			t.Errorf("%s: shown as %s %s, stored as %q", id(p), shown.Kind, shown.Reason, stored.Outcome)
		}
	}
	t.Logf("outcomes: %v", outcomes)
}
