package hub

import (
	"context"
	"time"
)

// Run checks the tails of all active rooms until ctx ends: it finds what was committed
// and never followed by anything, such as a message that the bus lost, or whose commit
// was answered to nobody. While the bus is down it is how other nodes are heard.
func (h *Hub) Run(ctx context.Context) {
	next := time.NewTimer(h.checkEvery())
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.turned: // what was sent meanwhile came to nobody
		case <-next.C:
		}
		h.checkTails(ctx)
		next.Reset(h.checkEvery())
	}
}

func (h *Hub) checkEvery() time.Duration {
	if h.bus.Up() {
		return tailCheckEvery
	}
	return tailCheckAlone
}

func (h *Hub) checkTails(ctx context.Context) {
	rooms := h.active()
	for start := 0; start < len(rooms); start += maxHeadsPerQuery {
		part := rooms[start:min(start+maxHeadsPerQuery, len(rooms))]
		if err := h.checkPart(ctx, part); err != nil {
			h.log.Warn("tails not checked", "rooms", len(part), "err", err)
			return
		}
	}
}

func (h *Hub) checkPart(ctx context.Context, rooms []*room) error {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	ids, shown := make([]string, len(rooms)), make([]int64, len(rooms))
	for i, r := range rooms {
		ids[i], shown[i] = r.id, r.shown()
	}
	heads, err := h.store.Heads(ctx, ids)
	if err != nil {
		return err
	}
	for i, r := range rooms {
		if head := heads[r.id]; head < shown[i] { // it was shown before the store was asked
			h.abandon(r)
		} else {
			r.advanced(head)
		}
	}
	return nil
}

func (h *Hub) active() []*room {
	h.mu.Lock()
	defer h.mu.Unlock()
	rooms := make([]*room, 0, len(h.rooms))
	for _, r := range h.rooms {
		rooms = append(rooms, r)
	}
	return rooms
}
