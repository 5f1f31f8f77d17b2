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
