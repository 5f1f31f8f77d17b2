package match

import (
	"context"
	"fmt"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/matchapi"
)

// catchUp returns when all is handled that stands in the entry feed when it is called. The
// feed may be away: then no seat is given on, and everything else goes on.
//
// A node reads the feed once at a time, for all who ask meanwhile. Who asks while it is read
// waits for the next reading: this one may have passed what they know of.
func (s *Service) catchUp(ctx context.Context) {
	if _, err := s.readings.Get(ctx, reading{}); err != nil { // ctx has ended, as whatever comes next will find
		s.p.Log.Debug("entry feed not awaited", "err", err)
	}
}

// reading is the one key, and the answer, of the batch that reads the entry feed.
type reading struct{}

// readEntries reads the entry feed to its end. It answers a batch.Batcher.
func (s *Service) readEntries(ctx context.Context, _ []reading) (map[reading]reading, error) {
	for {
		_, more, err := s.p.Feed.Entries(ctx, func(all []matchapi.Entry) (int, error) { return s.heardAll(ctx, all) })
		if err != nil {
			s.p.Log.Warn("entry feed", "err", err)
		}
		if err != nil || !more {
			return nil, nil
		}
	}
}

// heardAll handles entries in order and says how many it did. Seats that were given to
// nobody else, which are most, are entered together.
func (s *Service) heardAll(ctx context.Context, all []matchapi.Entry) (done int, err error) {
	alone, err := s.p.Seats.EnterAll(ctx, all)
	if fault.Is(err, fault.Unavailable) {
		return 0, fmt.Errorf("enter seats: %w", err)
	}
	if err != nil { // one of them, and each by itself shows which
		alone = make([]Entered, len(all))
	}
	for i, e := range all {
		if seated := alone[i].Seated; seated != nil {
			err = s.p.Queue.Settle(ctx, "", alone[i].Room, []Seated{*seated})
		} else {
			err = s.heard(ctx, e)
		}
		if err != nil {
			return i, err
		}
	}
	return len(all), nil
}

// heard handles one entry. One that the store cannot take at all is passed over: the rest
// must not wait for it.
func (s *Service) heard(ctx context.Context, e matchapi.Entry) error {
	handle := s.entered
	if e.Kind == matchapi.KindLeft {
		handle = s.left
	}
	err := handle(ctx, e)
	if err != nil && !fault.Is(err, fault.Unavailable) {
		s.p.Log.Error("entry passed over", "kind", e.Kind, "room_id", e.RoomID, "seat", e.Seat, "err", err)
		return nil
	}
	return err
}

// left handles who has left a room for good: the match is over.
func (s *Service) left(ctx context.Context, e matchapi.Entry) error {
	w, err := s.p.Seats.Left(ctx, e)
	if err != nil || w.Turn == 0 {
		return err
	}
	step, err := s.p.Queue.Leave(ctx, w.Member, w.Turn, "", nil)
	s.after(ctx, w.Member, step)
	return err
}

// entered handles who has entered a seat: the first keeps it. Whoever was given the same
// seat in the meantime gets the old place in the queue back.
func (s *Service) entered(ctx context.Context, e matchapi.Entry) error {
	result, err := s.p.Seats.Enter(ctx, e, s.p.Now(), s.p.NewID)
	if err != nil {
		return fmt.Errorf("enter seat: %w", err)
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
