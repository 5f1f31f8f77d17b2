// Package hub delivers the messages of rooms to those who listen on this node: each
// room in the order of its seq, without a gap and without a double, whatever the order
// in which commits, the bus and replays come in.
//
// The gateway's subscriptions are its listeners; chat.Service tells it what was
// committed (it implements chat.Audience). It keeps nothing that the store does not
// have: a room is loaded with its first listener and forgotten with its last.
package hub

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Store is what the hub reads to catch up.
type Store interface {
	Heads(ctx context.Context, roomIDs []string) (map[string]int64, error)
	Messages(ctx context.Context, roomID string, p chat.Page) ([]chat.Message, bool, error)
}

// Listener is one subscription. Its methods are called under the room's lock or from
// the goroutine of its replay, never both at once.
type Listener interface {
	// Deliver hands over the next message; it must not block.
	Deliver(d *Delivery)
	// Drained waits until the listener wants more of a replay, or returns an error when
	// it is gone.
	Drained(ctx context.Context) error
	// Fail tells that the subscription cannot go on.
	Fail(err error)
}

// Hub is one node's rooms.
type Hub struct {
	store Store
	log   *slog.Logger

	mu    sync.Mutex // guards rooms
	rooms map[string]*room
	heads *batcher // loads the heads of cold rooms together
}

// New makes an empty Hub. Run must be running for tails to be checked.
func New(store Store, log *slog.Logger) *Hub {
	return &Hub{store: store, log: log, rooms: map[string]*room{}, heads: newBatcher(store.Heads)}
}

// Publish implements chat.Audience. A room that nobody listens to here is passed over.
func (h *Hub) Publish(m chat.Message) {
	if r := h.find(m.RoomID); r != nil {
		r.publish(newDelivery(m))
	}
}

// Advanced implements chat.Audience.
func (h *Hub) Advanced(roomID string, seq int64) {
	if r := h.find(roomID); r != nil {
		r.advanced(seq)
	}
}

func (h *Hub) find(roomID string) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[roomID]
}

// Subscribe adds a listener to a room: with after, everything past that seq comes
// first; without, only what is committed from now on. When it returns, no message that
// is sent later will be missed.
func (h *Hub) Subscribe(ctx context.Context, roomID string, l Listener, after *int64) (*Subscription, error) {
	r := h.enter(roomID)
	sub := &Subscription{hub: h, room: r, listener: l}
	sub.ctx, sub.cancel = context.WithCancel(context.WithoutCancel(ctx))
	err := r.load(ctx, h.heads)
	if err == nil && after != nil {
		err = r.learn(ctx, *after, h.heads)
	}
	if err != nil {
		sub.Close()
		return nil, err
	}
	if !r.attach(sub, after) {
		go sub.replay(*after)
	}
	return sub, nil
}

// enter finds or makes a room and counts one more user of it.
func (h *Hub) enter(roomID string) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[roomID]
	if r == nil {
		r = newRoom(roomID, h)
		h.rooms[roomID] = r
	}
	r.users++
	return r
}

// exit forgets a room with its last user.
func (h *Hub) exit(r *room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.users--; r.users == 0 {
		delete(h.rooms, r.id)
		r.close()
	}
}

// Run checks the tails of all active rooms until ctx ends: it finds what was committed
// and never followed by anything, such as a message whose commit was answered to nobody.
func (h *Hub) Run(ctx context.Context) {
	tick := time.NewTicker(tailCheckEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			h.checkTails(ctx)
		}
	}
}

func (h *Hub) checkTails(ctx context.Context) {
	rooms := h.active()
	for start := 0; start < len(rooms); start += maxHeadsPerQuery {
		part := rooms[start:min(start+maxHeadsPerQuery, len(rooms))]
		heads, err := h.store.Heads(ctx, part)
		if err != nil {
			h.log.Warn("tails not checked", "rooms", len(part), "err", err)
			return
		}
		for id, head := range heads {
			h.Advanced(id, head)
		}
	}
}

func (h *Hub) active() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	ids := make([]string, 0, len(h.rooms))
	for id := range h.rooms {
		ids = append(ids, id)
	}
	return ids
}

// Rooms is how many rooms have listeners on this node.
func (h *Hub) Rooms() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.rooms)
}
