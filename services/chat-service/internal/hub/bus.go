package hub

import (
	"context"
	"fmt"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Bus carries messages between nodes, each at most once and in any order.
type Bus interface {
	// Join asks for the payloads of a kind that other nodes send to a room, until leave
	// is called. When it returns, whatever is sent later comes, unless the bus is down.
	Join(ctx context.Context, roomID string, kind byte, receive func(payload []byte)) (leave func(), err error)
	// Hold hands a payload to the other nodes once a Flush has followed; it does not block and
	// may lose it.
	Hold(roomID string, kind byte, payload []byte)
	// Flush says that all is held that goes together; it does not block.
	Flush()
	// Up reports whether the other nodes are heard.
	Up() bool
	// OnChange asks for a call whenever Up changes.
	OnChange(changed func(up bool))
}

// kindMessage marks a message's JSON on the bus.
const kindMessage = 'm'

// Alone is the Bus of a node that has no others.
type Alone struct{}

// Join implements Bus.
func (Alone) Join(context.Context, string, byte, func([]byte)) (leave func(), err error) {
	return func() {}, nil
}

// Send implements live.Bus.
func (Alone) Send(string, byte, []byte) {}

// Hold implements Bus.
func (Alone) Hold(string, byte, []byte) {}

// Flush implements Bus.
func (Alone) Flush() {}

// Up implements Bus: nobody is missed.
func (Alone) Up() bool { return true }

// OnChange implements Bus.
func (Alone) OnChange(func(up bool)) {}

// receive takes a message that was committed on another node. What cannot be read is
// left to the tail check: it may be of a newer release.
func (r *room) receive(payload []byte) {
	d, err := readDelivery(payload)
	if err == nil && (d.RoomID != r.id || d.Seq < 1) {
		err = fault.BadField("roomId", fmt.Sprintf("or seq is not this room's: %q, %d", d.RoomID, d.Seq))
	}
	if err != nil {
		r.hub.log.Warn("message from another node dropped", "room_id", r.id, "err", err)
		return
	}
	r.publish(d)
}
