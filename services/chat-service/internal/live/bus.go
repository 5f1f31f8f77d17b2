package live

import (
	"context"
	"encoding/json"

	"github.com/sixseat/sixseat/pkg/chatapi"
)

// Kind is the kind of our payloads on the bus.
const Kind = 'e'

// note is one payload on the bus: a node's word, or an event.
type note struct {
	Node  string `json:"node,omitempty"`
	State *State `json:"state,omitempty"`
	Event *Event `json:"event,omitempty"`
	At    int64  `json:"at,omitempty"`   // of typing, Unix ms
	Anew  bool   `json:"anew,omitempty"` // of typing: the first after a message
}

// send hands a note to the other nodes. The caller holds mu, which keeps the order.
func (l *Live) send(roomID string, n note) {
	payload, err := json.Marshal(n)
	if err != nil { // strings and ints always marshal
		panic("live: marshal note: " + err.Error())
	}
	l.bus.Send(roomID, Kind, payload)
}

// join joins the bus for the room, once for all who listen here.
func (l *Live) join(ctx context.Context, r *room) error {
	select {
	case r.joining <- struct{}{}:
		defer func() { <-r.joining }()
	case <-ctx.Done():
		return late(ctx)
	}
	if l.isJoined(r) {
		return nil
	}
	leave, err := l.bus.Join(ctx, r.id, Kind, func(payload []byte) { l.receive(r, payload) })
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r.leave = leave
	return nil
}

func (l *Live) isJoined(r *room) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return r.leave != nil
}

// receive takes a note of another node.
func (l *Live) receive(r *room, payload []byte) {
	var n note
	if err := json.Unmarshal(payload, &n); err != nil {
		l.log.Warn("note of another node dropped", "room_id", r.id, "err", err)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case r.hearing == 0: // it came just after the end
	case n.State != nil:
		if n.State.Version > r.others[n.Node].Version {
			r.others[n.Node] = view{*n.State, l.now()}
			l.tell(r)
		}
	case n.Event != nil && n.Event.Event == chatapi.Typing:
		l.types(r.id, *n.Event, n.At, n.Anew)
	case n.Event != nil:
		l.show(r.id, *n.Event)
	}
}
