package match

import (
	"context"
	"fmt"
	"math"
)

// compare lets queue and store agree again where no member's call does it: after a
// fail-over that lost the queue's last second, or a node that died between the two. The
// store is right; the queue forgets what differs, and the next call of the member, or
// read of their stream, brings it back from the store.
func (s *Service) compare(ctx context.Context) error {
	for after := int64(0); ; {
		open, err := s.p.Audit.OpenWaits(ctx, after, auditPage)
		if err != nil {
			return fmt.Errorf("list open waits: %w", err)
		}
		upto := int64(math.MaxInt64)
		if len(open) == auditPage {
			upto = open[len(open)-1].Turn
		}
		if err := s.comparePage(ctx, after, upto, open); err != nil {
			return err
		}
		if upto == math.MaxInt64 {
			return s.register(ctx)
		}
		after = upto
	}
}

func (s *Service) comparePage(ctx context.Context, after, upto int64, open []Wait) error {
	d, err := s.p.Queue.Compare(ctx, after, upto, open)
	if err != nil {
		return err
	}
	gone := d.Expired
	// While the queue may still be filling up again, whoever is missing gets time to call.
	if s.p.Now().Sub(d.Resumed) > s.p.Limits.Forgotten() {
		gone = append(gone, d.Missing...)
	}
	return s.expire(ctx, gone)
}

// register makes seats known again that nobody entered: the queue may have lost them.
func (s *Service) register(ctx context.Context) error {
	now := s.p.Now()
	vacant, err := s.p.Seats.Unentered(ctx, now.Add(-RefillFor), now.Add(-s.p.Limits.NoShowAfter-Young), maxRegistered)
	if err != nil {
		return fmt.Errorf("list free seats: %w", err)
	}
	for _, v := range vacant {
		if err := s.p.Queue.Register(ctx, v.Room, v.Seats); err != nil {
			return err
		}
	}
	return nil
}
