package match

import (
	"context"
	"fmt"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/matchapi"
)

// catchUp reads the entry feed to its end and reports whether it brought anything. The
// feed may be away: then no seat is given on, and everything else goes on.
func (s *Service) catchUp(ctx context.Context) bool {
	any := false
	for {
		entered, more, err := s.p.Feed.Entries(ctx, func(e matchapi.Entry) error { return s.entered(ctx, e) })
		any = any || entered > 0
		if err != nil {
			s.p.Log.Warn("entry feed", "err", err)
		}
		if err != nil || !more {
			return any
		}
	}
}

// entered handles one entry: who enters a seat first keeps it. Whoever was given the same
// seat in the meantime gets the old place in the queue back.
func (s *Service) entered(ctx context.Context, e matchapi.Entry) error {
	result, err := s.p.Seats.Enter(ctx, e, s.p.Now(), s.p.NewID)
	if err != nil {
		err = fmt.Errorf("enter seat %d of %s: %w", e.Seat, e.RoomID, err)
		if fault.Is(err, fault.Unavailable) {
			return err // it comes again
		}
		s.p.Log.Error("entry passed over", "err", err) // the rest must not wait for it
		return nil
	}
	if result.Seated == nil {
		s.p.Log.Warn("entry of no seat of ours", "room_id", e.RoomID, "seat", e.Seat, "generation", e.Generation)
		return nil
	}
	if err := s.p.Queue.Settle(ctx, "", result.Room, []Seated{*result.Seated}); err != nil {
		return err
	}
	for _, w := range result.Returned {
		s.p.Observer.SeatReturned()
		s.p.Log.Info("place given back", "member_id", w.Member.ID, "room_id", e.RoomID, "seat", e.Seat)
		step, err := s.p.Queue.Join(ctx, w, Returned)
		if err != nil {
			return err
		}
		s.after(ctx, w.Member, step)
	}
	return nil
}
