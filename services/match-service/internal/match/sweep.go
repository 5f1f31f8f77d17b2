package match

import (
	"context"
	"math/rand/v2"
	"time"
)

// Run sweeps until ctx ends, and the reading of the feed that is under way. Every node does:
// whoever comes first handles what is due.
func (s *Service) Run(ctx context.Context) {
	defer s.readings.Wait()
	failing := false
	for {
		// A third of jitter keeps nodes from sweeping in step.
		pause := sweepEvery*2/3 + rand.N(sweepEvery*2/3)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		err := s.Sweep(ctx)
		if (err != nil) != failing && ctx.Err() == nil { // once per outage, not once per second
			failing = err != nil
			s.p.Log.Warn("sweep", "failing", failing, "err", err)
		}
	}
}

// Sweep handles what has fallen due by time alone: absent members are skipped and then
// expire, second choices begin to count, seats that nobody entered are offered, what a
// dead node left behind is committed. In turn, nodes also read the entry feed and compare
// queue and store.
func (s *Service) Sweep(ctx context.Context) error {
	for more := true; more; {
		var err error
		if more, err = s.sweepOnce(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) sweepOnce(ctx context.Context) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, sweepTimeout)
	defer cancel()
	swept, err := s.p.Queue.Sweep(ctx)
	if err != nil {
		return false, err
	}
	s.p.Observer.QueueLength(swept.Length)
	s.p.Observer.NoShows(swept.NoShows)
	if !swept.Upto.IsZero() {
		s.p.Observer.FeedUpto(swept.Upto)
	}
	for _, made := range swept.Claimed {
		if ctx.Err() != nil {
			return false, ctx.Err() // what was not reached is due again in ClaimAfter
		}
		s.p.Log.Info("claimed", "room_id", made.ID)
		s.after(ctx, Member{}, Step{Made: &made})
	}
	s.after(ctx, Member{}, Step{Made: swept.Made, Expired: swept.Expired})
	if swept.Feed {
		s.catchUp(ctx)
	}
	if swept.Audit {
		err = s.compare(ctx)
	}
	return swept.More, err
}
