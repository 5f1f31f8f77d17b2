package redisbus

import (
	"context"
	"slices"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
)

// channel is one room's Redis channel; Bus.mu guards it.
type channel struct {
	name      string
	receivers []*receiver // replaced, never changed: the reader uses it without the lock

	subscribed bool          // SUBSCRIBE is what was last written for it on this line
	awaited    int           // SUBSCRIBEs whose confirmation has not come
	dirty      bool          // is on the line's list
	ready      chan struct{} // closed when it is confirmed, or when there is no line to wait for
}

// closed is what ready is then, of all channels.
var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

type receiver struct {
	kind    byte
	receive func(payload []byte)
}

// renew makes c one that a line knows nothing of yet.
func (c *channel) renew() {
	c.subscribed, c.awaited, c.dirty = false, 0, false
	c.ready = make(chan struct{})
}

func (c *channel) release() {
	if c.ready != closed {
		close(c.ready)
		c.ready = closed
	}
}

// Join asks for the payloads of one kind that other nodes send to a room, until leave
// is called (once). It returns when Redis has confirmed, so that whatever is sent later
// comes; or at once when Redis is known to be away, and after answerTimeout at the latest:
// then payloads come from when Up says so. The only error is that ctx ended.
//
// receive is called from the bus's own goroutine in the order of the channel, must not
// block, and may be called once more just after leave. It must not change the payload.
func (b *Bus) Join(ctx context.Context, roomID string, kind byte, receive func(payload []byte)) (leave func(), err error) {
	r := &receiver{kind, receive}
	c, ready := b.enter(roomID, r)
	leave = func() { b.exit(c, r) }
	limit := time.NewTimer(answerTimeout)
	defer limit.Stop()
	select {
	case <-ready:
	case <-limit.C:
	case <-ctx.Done():
		leave()
		return nil, fault.New(fault.Unavailable, "The room could not be joined in time.").Wrap(ctx.Err())
	}
	return leave, nil
}

func (b *Bus) enter(roomID string, r *receiver) (c *channel, ready chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	name := channelName(roomID)
	if c = b.channels[name]; c == nil {
		c = &channel{name: name}
		c.renew()
		b.channels[name] = c
	}
	c.receivers = append(slices.Clone(c.receivers), r)
	if b.line == nil {
		c.release()
	} else if !c.subscribed {
		b.line.change(c)
	}
	return c, c.ready
}

func (b *Bus) exit(c *channel, r *receiver) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c.receivers = slices.DeleteFunc(slices.Clone(c.receivers), func(other *receiver) bool { return other == r })
	if len(c.receivers) > 0 {
		return
	}
	if b.line == nil {
		delete(b.channels, c.name)
	} else {
		b.line.change(c)
	}
}

// channelName keeps a room's name between braces, so that all keys of one room lie in
// one slot of a Redis cluster.
func channelName(roomID string) string { return "sixseat:{" + roomID + "}:bus" }
