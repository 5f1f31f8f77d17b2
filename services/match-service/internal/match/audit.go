package match

import (
	"context"
	"fmt"
	"math"
	"time"
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
		resumed, err := s.comparePage(ctx, after, upto, open)
		if err != nil {
			return err
		}
		if upto == math.MaxInt64 {
			return s.register(ctx, resumed)
		}
		after = upto
	}
}

func (s *Service) comparePage(ctx context.Context, after, upto int64, open []Wait) (resumed time.Time, err error) {
	d, err := s.p.Queue.Compare(ctx, after, upto, open)
	if err != nil {
		return resumed, err
	}
	gone := d.Expired
	// While the queue may still be filling up again, whoever is missing gets time to call.
	if s.p.Now().Sub(d.Resumed) > s.p.Limits.Forgotten() {
		gone = append(gone, d.Missing...)
	}
	return d.Resumed, s.expire(ctx, gone)
}

// register makes seats known again that nobody entered. A queue that has been working for
// longer than seats are offered can have lost the latest at most, with a fail-over; else
// all of them are told.
func (s *Service) register(ctx context.Context, resumed time.Time) error {
	now := s.p.Now()
	given, joinID := now.Add(-s.p.Limits.NoShowAfter-Young), ""
	for {
		vacant, err := s.p.Seats.Unentered(ctx, now.Add(-RefillFor), given, joinID, auditPage)
		if err != nil {
			return fmt.Errorf("list free seats: %w", err)
		}
		for _, v := range vacant {
			if err := s.p.Queue.Register(ctx, v); err != nil {
				return err
			}
		}
		if len(vacant) < auditPage || now.Sub(resumed) > RefillFor {
			return nil
		}
		last := vacant[len(vacant)-1]
		given, joinID = last.GivenAt, last.JoinID
	}
}
