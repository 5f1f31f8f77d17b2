package gateway

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sixseat/sixseat/pkg/poller"
	"github.com/sixseat/sixseat/pkg/rawsock"
)

// hijacker catches the connection that the WebSocket library takes over: the library makes
// the handshake and then lets go of it (incoming.go).
type hijacker struct {
	http.ResponseWriter
	now  func() time.Time
	conn *heard
}

// WriteHeaderNow sends the 101 before the connection is taken over: gin's writer holds
// it back, and the library looks for this method.
func (h *hijacker) WriteHeaderNow() {
	if w, ok := h.ResponseWriter.(interface{ WriteHeaderNow() }); ok {
		w.WriteHeaderNow()
	}
}

// Hijack implements http.Hijacker.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	inner, ok := h.ResponseWriter.(http.Hijacker)
	if !ok {
		return nil, nil, errors.New("the server cannot hand over connections")
	}
	conn, rw, err := inner.Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("hijack: %w", err)
	}
	h.conn = &heard{Conn: conn, now: h.now}
	h.conn.socket, _ = rawsock.Of(conn) // pipes have none
	h.conn.last.Store(h.now().UnixNano())
	buffered, err := rw.Reader.Peek(rw.Reader.Buffered()) // frames that came right behind the request
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("hijack: %w", err), conn.Close())
	}
	h.conn.early = append([]byte(nil), buffered...)
	unused := bufio.NewReadWriter(bufio.NewReaderSize(nil, 0), bufio.NewWriterSize(nil, 0))
	return borrowed{h.conn}, unused, nil
}

// heard is a connection that knows when it last heard anything of its peer: data,
// pongs and control frames alike are signs of life.
type heard struct {
	net.Conn
	now    func() time.Time
	early  []byte // read before the hijack; used by the reader alone
	last   atomic.Int64
	socket *rawsock.Socket // nil where writes cannot but wait

	// watched tells when something has come, or is taken again; nil: reading and writing wait
	// for that themselves. It is set before anybody else has the connection.
	watched *poller.Watched
}

// watch has ready called whenever something may have come, from now on, and writable after
// a write that is to go on.
func (c *heard) watch(ready, writable func()) error {
	if c.socket == nil {
		return nil
	}
	watched, err := poller.Watch(c.socket, func(bool) { ready() }, writable)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	c.watched = watched
	return err
}

// forget ends the watching.
func (c *heard) forget() {
	if c.watched != nil {
		c.watched.Forget()
	}
}

// tells reports whether whoever watches is told of all that is to be read.
func (c *heard) tells() bool { return c.watched != nil && len(c.early) == 0 }

// begin lets another goroutine work, which waits for the peer where nothing is watched.
func (c *heard) begin(work func()) {
	if c.watched != nil {
		begin(work)
	} else {
		go work()
	}
}

// writeNow writes what the socket takes at once, which may be nothing.
func (c *heard) writeNow(p []byte) (int, error) {
	if c.socket == nil {
		return 0, nil
	}
	return c.socket.TryWrite(p)
}

// write writes p, or as much as the socket takes at once where something tells when it
// takes more; else it waits for that, for writeTimeout at most.
func (c *heard) write(p []byte) (n int, err error) {
	switch {
	case len(p) == 0:
		return 0, nil
	case c.watched != nil:
		return c.socket.TryWrite(p)
	}
	if err := c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	if n, err = c.Conn.Write(p); err != nil {
		return n, err
	}
	return n, c.SetWriteDeadline(time.Time{}) // others write without one
}

// await has writable of watch called when the socket takes more.
func (c *heard) await() error { return c.watched.Await() }

// next reads what came. Where it need not wait for that, it returns rawsock.ErrAgain instead.
func (c *heard) next(p []byte) (n int, err error) {
	switch {
	case len(c.early) > 0:
		n = copy(p, c.early)
		c.early = c.early[n:]
		return n, nil
	case c.watched != nil:
		n, err = c.socket.TryRead(p)
	default:
		n, err = c.Conn.Read(p)
	}
	if n > 0 {
		c.last.Store(c.now().UnixNano())
	}
	return n, err
}

type readBuffer [readSize]byte

var readBuffers = sync.Pool{New: func() any { return new(readBuffer) }}

func (c *heard) lastHeard() time.Time { return time.Unix(0, c.last.Load()) }
