package redisbus

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// queue is what waits to be sent. Its wake and its flushed have one slot each.
type queue struct {
	wake    chan struct{} // something is to be sent
	flushed chan struct{} // and what goes with it is there

	mu    sync.Mutex // guards what follows
	items []item
	bytes int
	taken time.Time // when something was, last
}

func newQueue() queue {
	return queue{wake: make(chan struct{}, 1), flushed: make(chan struct{}, 1)}
}

type item struct {
	roomID  string
	kind    byte
	payload []byte
}

// Send hands a payload to all other nodes that joined the room. It never blocks; what
// does not fit, or finds Redis away, is dropped and counted. It keeps the payload.
func (b *Bus) Send(roomID string, kind byte, payload []byte) {
	b.Hold(roomID, kind, payload)
	signal(b.queue.wake)
}

// Hold is Send for one of several that come together: it is sent after the Flush that follows
// the last of them, with what is sent before that, or when there are enough.
func (b *Bus) Hold(roomID string, kind byte, payload []byte) {
	if _, connected := b.sharded(); !connected || !b.queue.push(item{roomID, kind, payload}) {
		b.counted.dropped.Inc()
	}
}

// Flush sends what is held: at once, or where that would follow the last pipeline within pace,
// at the end of it.
func (b *Bus) Flush() {
	if b.queue.due(time.Now()) {
		signal(b.queue.flushed)
		signal(b.queue.wake)
	}
}

// signal fills a slot, if it is not full already.
func signal(slot chan<- struct{}) {
	select {
	case slot <- struct{}{}:
	default:
	}
}

// sharded says which kind of channel the line uses, if there is one.
func (b *Bus) sharded() (sharded, connected bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.line != nil && b.line.sharded, b.line != nil
}

func (q *queue) push(i item) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == maxQueued || q.bytes+len(i.payload) > maxQueuedBytes {
		return false
	}
	q.items = append(q.items, i)
	q.bytes += len(i.payload)
	if len(q.items) >= enough {
		signal(q.wake)
	}
	return true
}

// due reports whether what is held may go now.
func (q *queue) due(now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items) > 0 && now.Sub(q.taken) >= pace
}

// take takes all that waits, for which no further wake is needed.
func (q *queue) take(now time.Time) []item {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, slot := range []chan struct{}{q.wake, q.flushed} {
		select {
		case <-slot:
		default:
		}
	}
	items := q.items
	if len(items) > 0 {
		q.items, q.bytes, q.taken = nil, 0, now
	}
	return items
}

// sendQueued sends what waits, over one connection. With the end of ctx it sends what is left,
// while there is still a line.
func (b *Bus) sendQueued(ctx context.Context) {
	failing := false
	var due <-chan time.Time // what was flushed too soon goes then
	for ended := false; !ended; {
		select {
		case <-ctx.Done():
		case <-due:
		case <-b.queue.wake:
			b.gather(ctx)
		}
		ended = ctx.Err() != nil // before the last is taken
		items := b.queue.take(time.Now())
		if due = nil; len(items) > 0 {
			due = time.After(pace)
		}
		err := b.publish(context.WithoutCancel(ctx), items)
		if failed := err != nil; failed != failing { // each change once
			failing = failed
			b.log.Warn("sending to other nodes", "failing", failing, "err", err)
		}
	}
}

// gather waits until what goes with the first is there.
func (b *Bus) gather(ctx context.Context) {
	select {
	case <-b.queue.flushed: // without a timer, as messages mostly are
		return
	default:
	}
	select {
	case <-ctx.Done():
	case <-b.queue.flushed:
	case <-time.After(linger):
	}
}

// publish sends all items in one pipeline, those of one room in as few PUBLISHes as
// their size allows, and counts what was lost.
func (b *Bus) publish(ctx context.Context, items []item) error {
	sharded, connected := b.sharded()
	if len(items) == 0 || !connected {
		b.counted.dropped.Add(float64(len(items)))
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	envelopes := pack(b.node, items)
	answers, err := b.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, e := range envelopes {
			if name := channelName(e.roomID); sharded {
				p.SPublish(ctx, name, e.bytes)
			} else {
				p.Publish(ctx, name, e.bytes)
			}
		}
		return nil
	})
	for i, answer := range answers {
		switch {
		case envelopes[i].roomID == b.ownRoom(): // a probe is for nobody else
		case answer.Err() == nil:
			b.counted.sent.Add(float64(envelopes[i].items))
		default:
			b.counted.dropped.Add(float64(envelopes[i].items))
		}
	}
	return err
}
