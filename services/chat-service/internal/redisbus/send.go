package redisbus

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// queue is what waits to be sent. Its wake has one slot.
type queue struct {
	wake chan struct{}

	mu    sync.Mutex // guards what follows
	items []item
	bytes int
}

type item struct {
	roomID  string
	kind    byte
	payload []byte
}

// Send hands a payload to all other nodes that joined the room. It never blocks; what
// does not fit, or finds Redis away, is dropped and counted. It keeps the payload.
func (b *Bus) Send(roomID string, kind byte, payload []byte) {
	if _, connected := b.sharded(); !connected || !b.queue.push(item{roomID, kind, payload}) {
		b.counted.dropped.Inc()
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
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return true
}

// take takes all that waits, for which no further wake is needed.
func (q *queue) take() []item {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-q.wake:
	default:
	}
	items := q.items
	q.items, q.bytes = nil, 0
	return items
}

// sendQueued sends all that comes within linger together, over one connection. With the end
// of ctx it sends what is left, while there is still a line.
func (b *Bus) sendQueued(ctx context.Context) {
	failing := false
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-b.queue.wake:
			select {
			case <-ctx.Done():
			case <-time.After(b.linger()):
			}
		}
		err := b.publish(context.WithoutCancel(ctx), b.queue.take())
		if failed := err != nil; failed != failing { // each change once
			failing = failed
			b.log.Warn("sending to other nodes", "failing", failing, "err", err)
		}
	}
	if err := b.publish(context.WithoutCancel(ctx), b.queue.take()); err != nil { // what came while that was sent
		b.log.Warn("sending to other nodes", "failing", true, "err", err)
	}
}

func (b *Bus) linger() time.Duration {
	if b.alone.Load() {
		return lingerAlone
	}
	return linger
}

// publish sends all items in one pipeline, those of one room in as few PUBLISHes as
// their size allows, counts what was lost, and finds out whether anybody else hears it.
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
	messages, heard := false, false
	for i, answer := range answers {
		if envelopes[i].roomID == b.ownRoom() {
			continue // a probe is for nobody else
		}
		messages = true
		if answer.Err() == nil {
			b.counted.sent.Add(float64(envelopes[i].items))
			heard = heard || b.heardElsewhere(envelopes[i].roomID, answer)
		} else {
			b.counted.dropped.Add(float64(envelopes[i].items))
		}
	}
	if messages {
		b.alone.Store(err == nil && !heard)
	}
	return err
}

// heardElsewhere reports whether a PUBLISH reached more than this node. How many it reached is
// what Redis answers; a node of a cluster knows only those who are connected to itself.
func (b *Bus) heardElsewhere(roomID string, answer redis.Cmder) bool {
	reached, ok := answer.(*redis.IntCmd)
	if _, cluster := b.redis.(*redis.ClusterClient); cluster || !ok {
		return true
	}
	return reached.Val() > b.listeningTo(roomID)
}

// listeningTo is 1 if this node's line is subscribed to a room, else 0.
func (b *Bus) listeningTo(roomID string) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.channels[channelName(roomID)]; c != nil && c.subscribed {
		return 1
	}
	return 0
}
