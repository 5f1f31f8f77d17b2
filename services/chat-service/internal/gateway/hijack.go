package gateway

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// hijacker catches the connection that the WebSocket library takes over, so that
// deadlines can be set on it: the library itself would need a goroutine and a context
// for each of them.
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
	h.conn = &heard{Conn: conn, now: h.now, direct: newDirect(conn)}
	h.conn.last.Store(h.now().UnixNano())
	buffered, err := rw.Reader.Peek(rw.Reader.Buffered()) // frames that came right behind the request
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("hijack: %w", err), conn.Close())
	}
	h.conn.early = append([]byte(nil), buffered...)
	return h.conn, bufio.NewReadWriter(bufio.NewReaderSize(h.conn, readAhead), bufio.NewWriterSize(h.conn, maxControl)), nil
}

// heard is a connection that knows when it last heard anything of its peer: data,
// pongs and control frames alike are signs of life.
type heard struct {
	net.Conn
	now     func() time.Time
	early   []byte // read before the hijack; used by the reader alone
	last    atomic.Int64
	direct  *direct // nil where a write cannot but wait
	control func(frame []byte) (int, error)

	leaving atomic.Bool // nothing but control frames is written any more
	closed  atomic.Bool // our Close frame is on its way, and nothing may follow it
}

// closeFrame is the first octet of a Close frame: FIN and opcode 8 (RFC 6455 section 5.2).
const closeFrame = 0x88

// Write is called by the library alone, for control frames, each in one piece. It answers
// the peer's Close even when that is the answer to ours; a second one would make browsers
// forget the code of the first.
func (c *heard) Write(frame []byte) (int, error) {
	if c.closed.Load() {
		return len(frame), nil
	}
	if frame[0] == closeFrame {
		c.closed.Store(true)
	}
	if c.leaving.Load() {
		return c.Conn.Write(frame)
	}
	return c.control(frame)
}

// writeNow writes what the socket takes at once, which may be nothing.
func (c *heard) writeNow(p []byte) (int, error) {
	if c.direct == nil {
		return 0, nil
	}
	return c.direct.write(p)
}

// Read implements net.Conn.
func (c *heard) Read(p []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(p, c.early)
		c.early = c.early[n:]
		return n, nil
	}
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.last.Store(c.now().UnixNano())
	}
	return n, err
}

func (c *heard) lastHeard() time.Time { return time.Unix(0, c.last.Load()) }
