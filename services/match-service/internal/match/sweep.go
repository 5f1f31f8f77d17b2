package match

import (
	"context"
	"math/rand/v2"
	"time"
)

// Run sweeps until ctx ends. Every node does: whoever comes first handles what is due.
func (s *Service) Run(ctx context.Context) {
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
// expire, second choices begin to count, rooms whose node died are committed.
func (s *Service) Sweep(ctx context.Context) error {
	for {
		swept, err := s.p.Queue.Sweep(ctx)
		if err != nil {
			return err
		}
		s.p.Observer.QueueLength(swept.Length)
		for _, made := range swept.Claimed {
			s.p.Log.Info("room claimed", "room_id", made.ID)
			if err := s.finish(ctx, Step{Made: &made}); err != nil {
				return err
			}
		}
		if err := s.finish(ctx, Step{Made: swept.Made, Expired: swept.Expired}); err != nil {
			return err
		}
		if !swept.More {
			return nil
		}
	}
}

// finish is after for steps that nobody waits for.
func (s *Service) finish(ctx context.Context, step Step) error {
	_, err := s.after(ctx, Member{}, step)
	return err
}
