package hub

import (
	"context"
	"slices"
	"time"

	"github.com/sixseat/sixseat/pkg/parts"
)

// Run checks the tails of all active rooms until ctx ends: it finds what was committed
// and never followed by anything, such as a message that the bus lost, or whose commit
// was answered to nobody. While the bus is down it is how other nodes are heard.
func (h *Hub) Run(ctx context.Context) {
	next := time.NewTimer(h.checkEvery())
	defer next.Stop()
	turns, failing := parts.NewTurns(tailCheckParts, tailCheckEvery), false
	for {
		all := !h.bus.Up()
		var rooms []*room
		select {
		case <-ctx.Done():
			return
		case <-h.turned: // what was sent meanwhile came to nobody
			all = true
		case <-next.C:
		}
		if from, to := turns.Due(); all {
			rooms = h.active()
		} else {
			rooms = h.due(from, to)
		}
		err := h.checkTails(ctx, rooms)
		if failed := err != nil; failed != failing && len(rooms) > 0 && ctx.Err() == nil { // each change once
			failing = failed
			h.log.Warn("checking tails", "failing", failing, "err", err)
		}
		next.Reset(h.checkEvery())
	}
}

// checkEvery is the time to the next check, of a part of the rooms or of all.
func (h *Hub) checkEvery() time.Duration {
	if h.bus.Up() {
		return tailCheckEvery / tailCheckParts
	}
	return tailCheckAlone
}

func (h *Hub) checkTails(ctx context.Context, rooms []*room) error {
	for start := 0; start < len(rooms); start += maxHeadsPerQuery {
		part := rooms[start:min(start+maxHeadsPerQuery, len(rooms))]
		if err := h.checkPart(ctx, part); err != nil {
			return err
		}
	}
	return nil
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
	return slices.Collect(h.rooms.All())
}

// due is the rooms of the turns from one up to another.
func (h *Hub) due(from, to int) []*room {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms.Due(from, to)
}
