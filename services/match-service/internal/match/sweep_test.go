package match_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// vanished is a store whose machine is gone: it takes questions and answers none.
type vanished struct{ match.Audit }

func (vanished) OpenWaits(ctx context.Context, _ int64, _ int) ([]match.Wait, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// counter counts sweeps and asks for an audit in each.
type counter struct {
	match.Queue
	sweeps []time.Time
}

func (q *counter) Sweep(context.Context) (match.Swept, error) {
	q.sweeps = append(q.sweeps, time.Now())
	return match.Swept{Audit: true}, nil
}

func TestRun_comesBackToWhatIsDueWhileAStoreHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &counter{}
		s := match.New(match.Parts{
			Queue: q, Audit: vanished{}, Observer: nobody{}, Limits: match.DefaultLimits(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()

		s.Run(ctx)

		for i := 1; i < len(q.sweeps); i++ {
			if pause := q.sweeps[i].Sub(q.sweeps[i-1]); pause > 5500*time.Millisecond {
				t.Errorf("%v between two sweeps", pause)
			}
		}
		if len(q.sweeps) < 10 {
			t.Errorf("%d sweeps in a minute", len(q.sweeps))
		}
	})
}

// reader is a queue of which each sweep has the entry feed read.
type reader struct{ match.Queue }

func (reader) Sweep(context.Context) (match.Swept, error) { return match.Swept{Feed: true}, nil }

// A reading works with the stores, which are closed when Run is over.
func TestRun_waitsForTheReadingOfTheFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan struct{})}
		s := match.New(match.Parts{
			Queue: reader{}, Feed: g, Observer: nobody{}, Limits: match.DefaultLimits(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
		})
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() { s.Run(ctx); close(over) }()
		for g.reads.Load() == 0 {
			time.Sleep(time.Second)
		}
		cancel()
		synctest.Wait()
		select {
		case <-over:
			t.Error("Run is over, and a reading goes on")
		default:
		}
		close(g.open)
		<-over
	})
}

// free is a store with free seats, one for each second back from noon.
type free struct {
	match.Seats
	match.Audit
	seats int
}

func (free) OpenWaits(context.Context, int64, int) ([]match.Wait, error) { return nil, nil }

func (f free) Unentered(_ context.Context, _, given time.Time, joinID string, limit int) (page []match.Vacant, err error) {
	for i := range f.seats {
		v := match.Vacant{JoinID: "join", GivenAt: noon.Add(-time.Duration(i) * time.Second)}
		if len(page) < limit && (v.GivenAt.Before(given) || joinID > v.JoinID && v.GivenAt.Equal(given)) {
			page = append(page, v)
		}
	}
	return page, nil
}

// anew is a queue that has lost its data at a time, and is told of seats.
type anew struct {
	match.Queue
	resumed time.Time
	told    map[time.Time]bool
}

func (q *anew) Sweep(context.Context) (match.Swept, error) { return match.Swept{Audit: true}, nil }

func (q *anew) Compare(context.Context, int64, int64, []match.Wait) (match.Difference, error) {
	return match.Difference{Resumed: q.resumed}, nil
}

func (q *anew) Register(_ context.Context, v match.Vacant) error {
	q.told[v.GivenAt] = true
	return nil
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestAudit_tellsAQueueThatBeganAnewOfAllSeats(t *testing.T) {
	const page = 200
	for _, c := range []struct {
		resumed time.Duration // before noon
		told    int
	}{
		{match.RetellFor + time.Second, page}, // long ago: the latest page alone
		{match.RetellFor, 900 - 30},           // all that are ripe
	} {
		q := &anew{resumed: noon.Add(-c.resumed), told: map[time.Time]bool{}}
		store := free{seats: 900}
		s := match.New(match.Parts{
			Queue: q, Seats: store, Audit: store, Observer: nobody{}, Limits: match.DefaultLimits(), Now: func() time.Time { return noon },
			Log: slog.New(slog.DiscardHandler),
		})

		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}

		if d := len(q.told) - c.told; d < -1 || d > 1 { // the edge counts or not
			t.Errorf("begun anew %v before: told of %d seats, want %d", c.resumed, len(q.told), c.told)
		}
	}
}
