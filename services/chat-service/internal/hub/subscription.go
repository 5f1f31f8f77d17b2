package hub

import (
	"context"
	"errors"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Subscription is a listener's place in a room.
type Subscription struct {
	hub      *Hub
	room     *room
	listener Listener
	stop     func() // ends its replay; nil where there was none
	ended    bool   // guarded by room.mu; set once
}

// Close ends the subscription. Nothing is delivered once it has returned, but for what
// a replay is just handing over. It may be called once.
func (s *Subscription) Close() {
	if s.stop != nil {
		s.stop()
	}
	s.room.detach(s)
	s.hub.exit(s.room)
}

// replay is how a subscription catches up. Most need none, or have long been live: what it
// takes is not part of them.
type replay struct {
	*Subscription
	patience time.Duration // how long it may still wait for the archive
}

// replay begins one that ends with the subscription.
func (s *Subscription) replay(seq int64) {
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	go (&replay{s, archiveTotal}).run(ctx, seq)
}

// run hands over everything after seq, page by page, at the pace at which the
// listener drains: no live message is queued meanwhile. At the head it attaches,
// under the room's lock, and is live. It waits for a store that is away for a moment.
func (s *replay) run(ctx context.Context, seq int64) {
	for fruitless := 0; ; {
		page, live, err := s.next(ctx, seq)
		behind := err == nil && !live && len(page) == 0 // the store lacks what was shown
		if behind {
			err = errLost
		}
		if behind || isAway(err) {
			if fruitless++; fruitless < maxFruitless {
				pause(ctx)
				continue
			}
		}
		if err != nil {
			if ctx.Err() == nil {
				s.listener.Fail(err)
			}
			return
		}
		if live {
			return
		}
		fruitless = 0
		for _, d := range page {
			if s.listener.Drained(ctx) != nil {
				return // the listener is gone
			}
			s.listener.Deliver(d)
			seq = d.Seq
		}
		s.hub.counted.replayed.Add(float64(len(page)))
	}
}

// isAway tells a store that is away from what does not pass: a room that was given up, and an
// archive that was waited for already.
func isAway(err error) bool {
	var beyond *Beyond
	return fault.Is(err, fault.Unavailable) && !errors.Is(err, errLost) && !errors.As(err, &beyond)
}

// pause says whether ctx goes on after it.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(healRetry):
		return true
	}
}

// next returns what comes after seq: from what is remembered if that reaches back so far,
// else from the store.
func (s *replay) next(ctx context.Context, seq int64) (page []*Delivery, live bool, err error) {
	said, live, known, err := s.room.after(seq, s.Subscription)
	if err != nil {
		return nil, false, err
	}
	if known {
		for _, m := range said {
			page = append(page, newDelivery(m))
		}
		return page, live, nil
	}
	page, err = s.hub.page(ctx, chat.Position{RoomID: s.room.id, Seq: seq}, s.archived)
	if err == nil {
		s.room.recall(page)
	}
	return page, false, err
}
