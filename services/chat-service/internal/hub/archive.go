package hub

import (
	"context"
	"fmt"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Beyond ends a replay that the archive does not let go on, and says after which seq all is
// in the database: who subscribes again from there gets that, and what is said now.
type Beyond struct {
	LastSeq int64
	cause   error
}

var errOlder = fault.New(fault.Unavailable, "What was said up to a seq cannot be reached now. Subscribe again with that as last-seq for what came after it.")

func (b *Beyond) Error() string {
	return fmt.Sprintf("not archived is what comes after seq %d: %v", b.LastSeq, b.cause)
}

// Unwrap returns a fault of kind Unavailable.
func (b *Beyond) Unwrap() error { return errOlder.Wrap(b.cause) }

// page returns what follows a position, wherever it is.
func (h *Hub) page(ctx context.Context, p chat.Position, archived func(context.Context, chat.Position) ([]*Delivery, error)) ([]*Delivery, error) {
	page, err := h.pages.Get(ctx, p)
	if err != nil || len(page) > 0 && page[0].Seq == p.Seq+1 {
		return page, err
	}
	return archived(ctx, p) // what was read comes behind that
}

// archived asks the archive. Each does so for itself: nobody waits for the old room of another.
func (h *Hub) archived(ctx context.Context, p chat.Position) (page []*Delivery, err error) {
	messages, err := h.store.Archived(ctx, p, replayPage)
	for _, m := range messages {
		page = append(page, newDelivery(m))
	}
	return page, err
}

// archived asks the archive for a replay, which must not keep its listener from what the
// database has: it waits so long for a page, and so long in all. Whether there is anything to
// wait for the database knows, for which a replay has more patience.
func (s *replay) archived(ctx context.Context, p chat.Position) (page []*Delivery, err error) {
	border, err := s.border(ctx, p.RoomID)
	if err != nil || border <= p.Seq {
		return nil, err
	}
	began := time.Now()
	defer func() { s.patience -= time.Since(began) }()
	waiting, cancel := context.WithTimeout(ctx, min(archiveWait, s.patience))
	defer cancel()
	for {
		if page, err = s.hub.archived(waiting, p); err == nil {
			return page, nil
		}
		if !isAway(err) || !pause(waiting) {
			return nil, &Beyond{LastSeq: border, cause: err}
		}
	}
}

func (s *replay) border(ctx context.Context, roomID string) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	return s.hub.store.Border(ctx, roomID)
}
