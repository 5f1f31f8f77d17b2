// Package hub delivers the messages of rooms to those who listen on this node: each
// room in the order of its seq, without a gap and without a double, whatever the order
// in which commits, the bus and replays come in.
//
// The gateway's subscriptions are its listeners; chat.Service tells it what was
// committed here (it implements chat.Audience), and the bus what was committed on other
// nodes. It keeps nothing that the store does not have: a room is loaded with its first
// listener and forgotten with its last.
package hub

import (
	"context"
	"log/slog"
	"sync"

	"github.com/sixseat/sixseat/pkg/batch"
	"github.com/sixseat/sixseat/pkg/parts"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Store is what the hub reads to catch up.
type Store interface {
	// Heads returns the last seq of each of the rooms; those that do not exist are absent.
	Heads(ctx context.Context, roomIDs []string) (map[string]int64, error)
	// Following returns at most limit messages after each of the positions, of those that
	// are not archived.
	Following(ctx context.Context, positions []chat.Position, limit int) (map[chat.Position][]chat.Message, error)
	// Archived returns at most limit messages after a position from the archive, none if
	// what follows is not there.
	Archived(ctx context.Context, p chat.Position, limit int) ([]chat.Message, error)
	// Border returns the last seq of a room that is archived, 0 if none is.
	Border(ctx context.Context, roomID string) (seq int64, err error)
}

// Listener is one subscription. Its methods are called under the room's lock or from
// the goroutine of its replay, never both at once.
type Listener interface {
	// Deliver hands over the next message; it must not block.
	Deliver(d *Delivery)
	// Drained waits until the listener wants more of a replay, or returns an error when
	// it is gone.
	Drained(ctx context.Context) error
	// Shows reports whether it shows messages to anybody. One that waits only for the end of
	// a membership does not: live, it is told only of members who leave, and is not counted.
	Shows() bool
	// Fail tells that the subscription cannot go on.
	Fail(err error)
}

// Hub is one node's rooms.
type Hub struct {
	store  Store
	bus    Bus
	log    *slog.Logger
	turned chan struct{} // one slot: the bus went or came

	counted counters
	recent  *recent

	heads *batch.Batcher[string, int64]              // of cold rooms
	pages *batch.Batcher[chat.Position, []*Delivery] // of replays and heals

	mu    sync.Mutex // guards rooms
	rooms *parts.Map[*room]
}

// New makes an empty Hub. Run must be running for tails to be checked.
func New(store Store, bus Bus, log *slog.Logger) *Hub {
	h := &Hub{
		store: store, bus: bus, log: log, turned: make(chan struct{}, 1), rooms: parts.New[*room](tailCheckParts), counted: newCounters(), recent: newRecent(recentOctets),
		heads: batch.New(store.Heads, batch.Limits{Window: batchWindow, Between: batchBetween, Timeout: loadTimeout, Most: maxHeadsPerQuery, Enough: enoughRooms}),
	}
	h.pages = batch.New(h.readPages, batch.Limits{Window: batchWindow, Between: batchBetween, Timeout: loadTimeout, Most: maxPagesPerQuery})
	bus.OnChange(func(bool) {
		select {
		case h.turned <- struct{}{}:
		default: // one check answers several changes
		}
	})
	return h
}

// Publish implements chat.Audience: it shows a message to those who listen here and
// sends it to the other nodes, once a Flush has followed.
func (h *Hub) Publish(m chat.Message) {
	d := newDelivery(m)
	h.bus.Hold(m.RoomID, kindMessage, d.Body)
	if r := h.find(m.RoomID); r != nil {
		r.publish(d)
	}
}

// Flush implements chat.Audience.
func (h *Hub) Flush() { h.bus.Flush() }

// Advanced implements chat.Audience.
func (h *Hub) Advanced(roomID string, seq int64) {
	if r := h.find(roomID); r != nil {
		r.advanced(seq)
	}
}

// readPages reads what follows positions, once for all who need it: members of a room
// that lost their line together mostly have the same last seq.
func (h *Hub) readPages(ctx context.Context, positions []chat.Position) (map[chat.Position][]*Delivery, error) {
	following, err := h.store.Following(ctx, positions, replayPage)
	if err != nil {
		return nil, err
	}
	pages := make(map[chat.Position][]*Delivery, len(following))
	for position, items := range following {
		for _, m := range items {
			pages[position] = append(pages[position], newDelivery(m))
		}
	}
	return pages, nil
}

func (h *Hub) find(roomID string) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms.Get(roomID)
}

// Subscribe adds a listener to a room: with after, everything past that seq comes
// first; without, only what is committed from now on. When it returns, no message that
// is sent later, on any node, will be missed.
func (h *Hub) Subscribe(ctx context.Context, roomID string, l Listener, after *int64) (*Subscription, error) {
	r := h.enter(roomID)
	sub := &Subscription{hub: h, room: r, listener: l}
	live, err := r.admit(ctx, sub, after)
	if err != nil {
		sub.Close()
		return nil, err
	}
	if !live {
		h.counted.replays.Inc()
		sub.replay(*after)
	}
	return sub, nil
}

// enter finds or makes a room and counts one more user of it.
func (h *Hub) enter(roomID string) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms.Get(roomID)
	if r == nil {
		r = newRoom(roomID, h)
		h.rooms.Set(roomID, r)
	}
	r.users++
	return r
}

// exit forgets a room with its last user.
func (h *Hub) exit(r *room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.users--; r.users == 0 {
		h.forget(r)
		r.close()
		if r.leave != nil {
			r.leave()
		}
	}
}

// forget makes the next user load the room anew. The caller holds mu.
func (h *Hub) forget(r *room) {
	if h.rooms.Get(r.id) == r {
		h.rooms.Delete(r.id)
	}
}

// abandon gives up a room of which the store has less than was shown here: a database
// that failed over may lose its last commits. Its listeners come back and find what is
// true now.
func (h *Hub) abandon(r *room) {
	h.counted.lost.Inc()
	h.log.Error("the database has lost messages that were shown", "room_id", r.id)
	h.mu.Lock()
	h.forget(r)
	h.mu.Unlock()
	for _, l := range r.close() {
		l.Fail(errLost)
	}
}

// Rooms is how many rooms have listeners on this node.
func (h *Hub) Rooms() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms.Len()
}
