package gateway

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"nhooyr.io/websocket"

	"github.com/sixseat/sixseat/pkg/fault"
)

// conn is the writing side of one WebSocket: a bounded outbox, and a goroutine that
// writes it for as long as there is something to write, and no longer.
type conn struct {
	ws     *websocket.Conn
	net    *heard
	ctx    context.Context // ends when the socket is over
	cancel context.CancelFunc
	now    func() time.Time
	log    *slog.Logger

	mu        sync.Mutex // guards what follows
	queue     [][]byte
	bytes     int // of queue
	writing   bool
	goodbye   *goodbye      // set once: nothing is queued after it
	drained   chan struct{} // closed when bytes falls below lowOutbox; nil when nobody waits
	lastWrite time.Time
}

// goodbye is how the socket shall be closed once the outbox is written.
type goodbye struct {
	code   int
	reason string
}

// send queues one WebSocket message. A reader that is too slow is told to come back.
func (c *conn) send(frame []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.goodbye != nil {
		return
	}
	if c.bytes+len(frame) > maxOutbox {
		c.queue, c.bytes = nil, 0 // all of it is in the store
		c.end(&goodbye{fault.CloseTooSlow, "slow: resume from your last seq"})
		return
	}
	c.add(frame)
}

// offer queues a message that may be missed, unless the reader is behind already. It
// reports whether there is nothing more to do about it.
func (c *conn) offer(frame []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.goodbye != nil {
		return true
	}
	if c.bytes+len(frame) > maxOffered {
		return false
	}
	c.add(frame)
	return true
}

// add queues a message. The caller holds mu.
func (c *conn) add(frame []byte) {
	c.queue, c.bytes = append(c.queue, frame), c.bytes+len(frame)
	c.start()
}

// close queues a last message, if there is one, and closes the socket behind it.
func (c *conn) close(last []byte, code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.goodbye != nil {
		return
	}
	if last != nil {
		c.queue, c.bytes = append(c.queue, last), c.bytes+len(last)
	}
	c.end(&goodbye{code, reason})
}

// end says goodbye after what is queued. The caller holds mu.
func (c *conn) end(g *goodbye) {
	c.goodbye = g
	c.wake()
	c.start()
}

// start makes sure that somebody writes. The caller holds mu.
func (c *conn) start() {
	if !c.writing {
		c.writing = true
		go c.write()
	}
}

// write empties the outbox, then ends, or says goodbye.
func (c *conn) write() {
	for {
		frames, bye := c.take()
		for _, f := range frames {
			if err := c.writeOne(f); err != nil {
				c.log.Debug("socket not written", "err", err)
				c.cancel()
				return
			}
		}
		if len(frames) == 0 {
			if bye != nil {
				c.leave(bye)
			}
			return
		}
	}
}

// take returns all that waits. With nothing left the writer is done.
func (c *conn) take() ([][]byte, *goodbye) {
	c.mu.Lock()
	defer c.mu.Unlock()
	frames := c.queue
	c.queue, c.bytes = nil, 0
	if len(frames) == 0 {
		c.writing = c.goodbye != nil // nobody writes after a goodbye
		c.wake()
	} else {
		c.lastWrite = c.now()
	}
	return frames, c.goodbye
}

// writeOne takes its deadline off again: the library writes pings and pongs, and would
// break the connection on one that has passed.
func (c *conn) writeOne(frame []byte) error {
	if err := c.net.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	if err := c.ws.Write(context.Background(), websocket.MessageText, frame); err != nil {
		return err
	}
	return c.net.SetWriteDeadline(time.Time{})
}

// leave closes in order: the Close frame, then reading on until the peer's own (RFC
// 6455 section 7.1.1), which the reading goroutine does, then the end.
func (c *conn) leave(bye *goodbye) {
	defer c.cancel()
	c.net.leaving.Store(true)
	deadline := time.Now().Add(goodbyeTimeout)
	err := errors.Join(c.net.SetWriteDeadline(deadline), c.net.SetReadDeadline(deadline))
	if err == nil {
		err = c.ws.Close(websocket.StatusCode(bye.code), bye.reason)
	}
	if err != nil { // a peer that vanished meanwhile needs no goodbye
		c.log.Debug("socket not closed in order", "code", bye.code, "err", err)
	}
}

// ping asks for a sign of life below STOMP (RFC 6455 section 5.5.2).
func (c *conn) ping() {
	ctx, cancel := context.WithTimeout(c.ctx, pingTimeout)
	defer cancel()
	if err := c.ws.Ping(ctx); err != nil {
		c.log.Debug("no pong", "err", err)
	}
}

// wait returns when little is queued, or with an error when the socket or ctx is over.
func (c *conn) wait(ctx context.Context) error {
	for {
		drained, err := c.room()
		if drained == nil || err != nil {
			return err
		}
		select {
		case <-drained:
		case <-ctx.Done():
			return ctx.Err()
		case <-c.ctx.Done():
			return c.ctx.Err()
		}
	}
}

func (c *conn) room() (<-chan struct{}, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.goodbye != nil:
		return nil, errGone
	case c.bytes < lowOutbox:
		return nil, nil
	case c.drained == nil:
		c.drained = make(chan struct{})
	}
	return c.drained, nil
}

var errGone = errors.New("the socket is closing")

// wake tells those in wait to look again. The caller holds mu.
func (c *conn) wake() {
	if c.drained != nil {
		close(c.drained)
		c.drained = nil
	}
}

// leaving reports whether the goodbye is said: the peer hears nothing that comes after.
func (c *conn) leaving() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.goodbye != nil
}

// saidGoodbye is the code with which the socket was closed by us, or 0.
func (c *conn) saidGoodbye() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.goodbye == nil {
		return 0
	}
	return c.goodbye.code
}

// over reports whether the socket is gone. Its session gives its place back after that.
func (c *conn) over() bool { return c.ctx.Err() != nil }

func (c *conn) quietSince() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lastWrite
}
