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

// register makes seats known again that nobody entered. A fail-over may have lost the latest
// of them at any time; a queue that has just begun anew is told of all that were given
// before.
func (s *Service) register(ctx context.Context, resumed time.Time) error {
	now := s.p.Now()
	given := now.Add(-s.p.Limits.NoShowAfter - Young)
	if _, err := s.registerPage(ctx, given, ""); err != nil || now.Sub(resumed) > RetellFor {
		return err
	}
	if resumed.Before(given) {
		given = resumed
	}
	for joinID := ""; ; {
		last, err := s.registerPage(ctx, given, joinID)
		if last == nil || err != nil {
			return err
		}
		given, joinID = last.GivenAt, last.JoinID
	}
}

// registerPage tells the queue of one page of seats, and returns the last of it if more may
// follow.
func (s *Service) registerPage(ctx context.Context, given time.Time, joinID string) (last *Vacant, err error) {
	vacant, err := s.p.Seats.Unentered(ctx, s.p.Now().Add(-RefillFor), given, joinID, auditPage)
	if err != nil {
		return nil, fmt.Errorf("list free seats: %w", err)
	}
	for _, v := range vacant {
		if err := s.p.Queue.Register(ctx, v); err != nil {
			return nil, err
		}
	}
	if len(vacant) < auditPage {
		return nil, nil
	}
	return &vacant[len(vacant)-1], nil
}
