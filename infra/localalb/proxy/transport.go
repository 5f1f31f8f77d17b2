package proxy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"sync"
	"time"
)

// transport sends requests without a body, which are most, on the goroutine that serves
// them: one writes, then the same one reads. net/http's own, which does it with two more
// goroutines for each connection, has the others (see plain).
type transport struct {
	*http.Transport
	dial dialFunc

	mu   sync.Mutex
	kept map[string][]*targetConn // unused, by address, the latest used last; guarded by mu
}

// newTransport is the side towards the targets. It has no timeout for answers:
// exchange watches both sides.
func newTransport(dial dialFunc, idle time.Duration) *transport {
	return &transport{
		Transport: &http.Transport{
			DialContext:            dial,
			DisableCompression:     true, // bodies pass as they are
			MaxIdleConns:           0,    // bounded per target
			MaxIdleConnsPerHost:    maxIdlePerTarget,
			IdleConnTimeout:        idle,
			MaxResponseHeaderBytes: maxResponseHeaders,
		},
		dial: dial, kept: map[string][]*targetConn{},
	}
}

// plain tells whether a request is one that needs nothing but to be written and answered:
// no body that might be answered before it ends, and no change of protocol.
func plain(r *http.Request) bool {
	return (r.Body == nil || r.Body == http.NoBody) && r.Header.Get("Upgrade") == ""
}

// RoundTrip implements http.RoundTripper. A request is sent once: where a kept connection
// breaks it fails, as on an ALB.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !plain(r) {
		return t.Transport.RoundTrip(r)
	}
	c, err := t.connect(r.Context(), r.URL.Host)
	if err != nil {
		return nil, err
	}
	c.uncut = context.AfterFunc(r.Context(), func() { c.Close() })
	res, err := c.ask(r)
	if err != nil {
		c.drop()
		return nil, fmt.Errorf("ask target %s: %w", c.address, err)
	}
	if res.Body == http.NoBody {
		t.done(c, res)
		return res, nil
	}
	res.Body = &answerBody{ReadCloser: res.Body, t: t, conn: c, res: res}
	return res, nil
}

// connect gives a kept connection that is still open, else a new one.
func (t *transport) connect(ctx context.Context, address string) (*targetConn, error) {
	for c := t.take(address); c != nil; c = t.take(address) {
		if time.Since(c.since) < lookAfter || !c.readable() {
			return c, nil
		}
		c.Close() // the target has hung up, or says what nobody asked
	}
	conn, err := t.dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	c := &targetConn{Conn: conn, address: address, readable: watch(conn)}
	c.r, c.w = bufio.NewReader(c), bufio.NewWriter(c)
	return c, nil
}

func (t *transport) take(address string) *targetConn {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept := t.kept[address]
	if len(kept) == 0 {
		return nil
	}
	c := kept[len(kept)-1]
	t.kept[address] = kept[:len(kept)-1]
	c.idle.Stop()
	return c
}

// done keeps a connection whose answer was read to its end for the next request, if it
// may be.
func (t *transport) done(c *targetConn, res *http.Response) {
	if !c.uncut() || res.Close || res.Request.Close || c.r.Buffered() > 0 {
		c.drop()
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept[c.address]) >= maxIdlePerTarget {
		c.Close()
		return
	}
	if c.idle == nil {
		c.idle = time.AfterFunc(t.IdleConnTimeout, func() { t.expire(c) })
	} else {
		c.idle.Reset(t.IdleConnTimeout)
	}
	c.since = time.Now()
	t.kept[c.address] = append(t.kept[c.address], c)
}

// expire ends a connection that nobody has used for the idle timeout.
func (t *transport) expire(c *targetConn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept := t.kept[c.address]
	if i := slices.Index(kept, c); i >= 0 { // else it was taken just now
		t.kept[c.address] = slices.Delete(kept, i, i+1)
		c.Close()
	}
}

// CloseIdleConnections closes what is kept.
func (t *transport) CloseIdleConnections() {
	t.Transport.CloseIdleConnections()
	t.mu.Lock()
	defer t.mu.Unlock()
	for address, kept := range t.kept {
		for _, c := range kept {
			c.idle.Stop()
			c.Close()
		}
		delete(t.kept, address)
	}
}

// targetConn is a connection to a target. It serves one request at a time.
type targetConn struct {
	net.Conn
	address string
	r       *bufio.Reader
	w       *bufio.Writer
	left    int64       // bytes that may still be read
	uncut   func() bool // ends what would close it with its request; false: it was closed
	idle    *time.Timer // ends it while it is kept; nil before the first time
	since   time.Time   // when it was kept

	// readable tells, of one that is kept, whether there is something to read, which can
	// only be its end or what nobody asked for.
	readable func() bool
}

var errHeaderSize = errors.New("the header of the answer is too long")

// Read keeps a target's header within its limit.
func (c *targetConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errHeaderSize
	}
	n, err := c.Conn.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// drop closes a connection that is of no further use.
func (c *targetConn) drop() {
	c.uncut()
	c.Close()
}

// ask writes the request and reads the header of its answer. What a target announces
// before (RFC 9110, section 15.2) goes to the request's trace, and counts as header.
func (c *targetConn) ask(r *http.Request) (*http.Response, error) {
	c.left = maxResponseHeaders
	if err := r.Write(c.w); err != nil {
		return nil, err
	}
	if err := c.w.Flush(); err != nil {
		return nil, err
	}
	for {
		res, err := http.ReadResponse(c.r, r)
		switch {
		case err != nil:
			return nil, err
		case res.StatusCode == http.StatusSwitchingProtocols:
			return nil, errors.New("the target switches protocols, which nobody asked for")
		case res.StatusCode >= 200:
			c.left = math.MaxInt64
			return res, nil
		}
		if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.Got1xxResponse != nil {
			if err := trace.Got1xxResponse(res.StatusCode, textproto.MIMEHeader(res.Header)); err != nil {
				return nil, err
			}
		}
	}
}

// answerBody gives its connection back when it was read to its end, and closes it when
// it is closed before.
type answerBody struct {
	io.ReadCloser
	t    *transport
	conn *targetConn // nil: given back
	res  *http.Response
}

func (b *answerBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) && b.conn != nil {
		b.t.done(b.conn, b.res)
		b.conn = nil
	}
	return n, err
}

func (b *answerBody) Close() error {
	if b.conn == nil {
		return b.ReadCloser.Close()
	}
	b.conn.drop() // first: net/http would read the rest
	b.conn = nil
	return nil
}
