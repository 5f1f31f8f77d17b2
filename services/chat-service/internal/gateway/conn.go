package gateway

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
)

// conn is the writing side of one WebSocket. Whoever has a message writes it, as far as
// the socket takes it at once: most sockets have room, and need no queue. Behind a full one
// there is a bounded outbox, which is drained whenever the socket takes more.
type conn struct {
	net    *heard
	ctx    context.Context // ends when the socket is over
	cancel context.CancelFunc
	now    func() time.Time
	log    *slog.Logger // by note

	id, requestID string // of the socket, and of the request that was its upgrade

	mu        sync.Mutex    // guards what follows
	queue     [][]byte      // whole WebSocket frames
	bytes     int           // of queue
	draining  bool          // what waits is written by drain, and nobody else writes
	corked    bool          // what comes waits for the uncork, to be written at once
	goodbye   *goodbye      // set once: nothing is queued after it
	drained   chan struct{} // closed when little or nothing is left in the outbox, or the goodbye said; nil when nobody waits
	closed    bool          // a Close is on its way, and nothing may follow it
	gone      chan struct{} // closed with our Close frame; nil when nobody waits for it
	lastWrite time.Time     // when the last frame was begun

	// Of a frame that the socket has not taken as a whole. Who makes waits false owns the
	// others, which are there before it is true.
	waits atomic.Bool
	rest  []byte
	cut   *time.Timer
}

// goodbye is how the socket shall be closed once the outbox is written.
type goodbye struct {
	code   int
	reason string
}

// note logs something about this socket. A logger that knows its ids by itself would take
// memory for as long as the socket is open, and most say one line.
func (c *conn) note(level slog.Level, msg string, args ...any) {
	c.log.Log(context.Background(), level, msg, append(args, "conn_id", c.id, "request_id", c.requestID)...)
}

// send hands over one WebSocket message, which is shared and not changed. A reader that
// is too slow is told to come back.
func (c *conn) send(frame []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.goodbye != nil || c.closed {
		return
	}
	if c.corked && c.bytes+len(frame) > maxOutbox {
		c.flush() // what a cork holds back is no sign of a slow reader
	}
	if c.bytes+len(frame) > maxOutbox {
		c.queue, c.bytes = nil, 0 // all of it is in the store
		c.end(&goodbye{fault.CloseTooSlow, "slow: resume from your last seq"})
		return
	}
	c.add(frame)
}

// offer hands over a message that may be missed, unless the reader is behind already. It
// reports whether there is nothing more to do about it.
func (c *conn) offer(frame []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.goodbye != nil || c.closed {
		return true
	}
	if c.bytes+len(frame) > maxOffered {
		return false
	}
	c.add(frame)
	return true
}

// pong answers a ping, unless so much waits already that nobody seems to read.
func (c *conn) pong(payload []byte) { c.offer(controlFrame(pongFrame, payload)) }

// answerClose answers the peer's Close and returns when that is written, since the socket
// is closed next. One who was told goodbye hears no second Close: browsers would forget the
// code of the first.
func (c *conn) answerClose(payload []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.goodbye != nil || c.closed {
		return
	}
	c.add(controlFrame(closeFrame, payload))
	c.closed = true
	for (c.draining || c.corked) && c.goodbye == nil && c.ctx.Err() == nil {
		c.await(c.ctx)
	}
}

// cork holds back what comes until the uncork, which writes it at once: a write is most of
// what a message costs, and the author of one gets two, the message and its receipt.
// Nothing that may block may come between the two.
func (c *conn) cork() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.corked = true
}

func (c *conn) uncork() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.corked {
		return
	}
	c.corked = false
	c.flush()
	c.wake()
}

// flush writes at once what a cork held back. The caller holds mu.
func (c *conn) flush() {
	if !c.draining && len(c.queue) > 0 {
		buf := joinBuffers.Get().(*[]byte)
		frames := (*buf)[:0]
		for _, f := range c.queue {
			frames = append(frames, f...)
		}
		c.queue, c.bytes = nil, 0
		if c.write(frames); !c.draining { // else what the socket did not take is still read
			*buf = frames
			joinBuffers.Put(buf)
		}
	}
}

// joinBuffers are what flush joins frames in: for as long as one write takes, with each message. None
// is much larger than an outbox, which is all that a cork holds back.
var joinBuffers = sync.Pool{New: func() any { return new([]byte) }}

// add writes a frame, or queues it. The caller holds mu.
func (c *conn) add(frame []byte) {
	if c.draining || c.corked {
		c.queue, c.bytes = append(c.queue, frame), c.bytes+len(frame)
	} else {
		c.write(frame)
	}
}

// write writes what the socket takes, and has the rest drained. The caller holds mu.
func (c *conn) write(frame []byte) {
	n, err := c.net.writeNow(frame)
	if err != nil {
		c.broken(err)
		return
	}
	c.lastWrite = c.now()
	if n < len(frame) {
		c.draining = true
		c.net.begin(func() { c.drain(frame[n:]) })
	}
}

// broken gives up a socket that could not be written.
func (c *conn) broken(err error) {
	c.note(slog.LevelDebug, "socket not written", "err", err)
	c.cancel()
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
	if !c.draining {
		c.draining = true
		c.net.begin(func() { c.drain(nil) })
	}
}

// drain writes what is left of a frame, then the outbox until it is empty, and then the
// goodbye, if one is said. Where the socket is full it ends, and is called again when that
// takes more.
func (c *conn) drain(frame []byte) {
	for {
		n, err := c.net.write(frame)
		switch {
		case err != nil:
			c.broken(err)
			return
		case n < len(frame):
			c.later(frame[n:])
			return
		}
		if frame = c.take(); frame == nil {
			return
		}
	}
}

// later has the rest of a frame written when the socket takes more.
func (c *conn) later(rest []byte) {
	c.rest = rest
	c.cut = time.AfterFunc(writeTimeout-c.now().Sub(c.quietSince()), c.expire)
	c.waits.Store(true)
	if err := c.net.await(); err != nil {
		c.broken(err)
		c.claim()
	}
	c.expire() // the timer may have found nothing that waits yet
}

// claim takes over what waits for the socket, if something does; of one that is closed, for
// nobody.
func (c *conn) claim() (rest []byte, waited bool) {
	if !c.waits.CompareAndSwap(true, false) {
		return nil, false
	}
	rest, c.rest = c.rest, nil
	c.cut.Stop()
	return rest, true
}

// writable goes on with what waits for the socket. Anybody may call it, and at any time: once
// a socket was full, the poller does with nearly all that comes.
func (c *conn) writable() {
	if rest, waited := c.claim(); waited {
		c.net.begin(func() { c.drain(rest) })
	}
}

// expire cuts a socket that is stuck, each when its own frame's time is over: if a sweep cut
// many at once they would come back at once.
func (c *conn) expire() {
	if c.stuck(c.now()) {
		c.broken(os.ErrDeadlineExceeded)
	}
}

// stuck reports whether the socket has not taken one frame within writeTimeout.
func (c *conn) stuck(now time.Time) bool {
	return c.waits.Load() && now.Sub(c.quietSince()) >= writeTimeout
}

// take returns the frame that waits longest, and no more, so that the outbox's bound is that
// of all that waits, and behind the last one the Close of a goodbye. With nothing left the
// draining is done; nobody writes after a goodbye.
func (c *conn) take() (frame []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case len(c.queue) > 0:
		frame, c.queue[0] = c.queue[0], nil
		c.queue, c.bytes = c.queue[1:], c.bytes-len(frame)
	case c.goodbye != nil:
		frame = c.leave()
	default:
		c.draining = false
	}
	if frame != nil {
		c.lastWrite = c.now()
	}
	if c.bytes < lowOutbox {
		c.wake()
	}
	return frame
}

// leave closes in order: the Close frame, which it returns unless there was one, then reading
// on until the peer's own (RFC 6455 section 7.1.1), which the session does, then the end. The
// caller holds mu.
func (c *conn) leave() []byte {
	if c.closed {
		return nil
	}
	c.closed = true
	if c.gone != nil {
		close(c.gone)
	}
	time.AfterFunc(goodbyeTimeout, c.cancel)
	return controlFrame(closeFrame, closePayload(c.goodbye.code, c.goodbye.reason))
}

// ping asks for a sign of life below STOMP (RFC 6455 section 5.5.2).
func (c *conn) ping() { c.offer(controlFrame(pingFrame, nil)) }

// wait returns when little is queued, or with an error when the socket or ctx is over.
func (c *conn) wait(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.bytes >= lowOutbox && c.goodbye == nil && c.ctx.Err() == nil && ctx.Err() == nil {
		c.await(ctx)
	}
	if c.goodbye != nil {
		return errGone
	}
	return cmp.Or(ctx.Err(), c.ctx.Err())
}

// await lets go of mu, which the caller holds, until there is reason to look again.
func (c *conn) await(ctx context.Context) {
	if c.drained == nil {
		c.drained = make(chan struct{})
	}
	drained := c.drained
	c.mu.Unlock()
	defer c.mu.Lock()
	select {
	case <-drained:
	case <-ctx.Done():
	case <-c.ctx.Done():
	}
}

var errGone = errors.New("the socket is closing")

// wake tells those in await to look again. The caller holds mu.
func (c *conn) wake() {
	if c.drained != nil {
		close(c.drained)
		c.drained = nil
	}
}

// left is closed when our Close frame is about to be written: who waits for
// something on the peer's behalf need not, and shall read on until the peer's answer.
func (c *conn) left() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone == nil {
		c.gone = make(chan struct{})
		if c.closed {
			close(c.gone)
		}
	}
	return c.gone
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
