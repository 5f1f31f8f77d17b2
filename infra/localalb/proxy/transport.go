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

	"github.com/sixseat/sixseat/pkg/rawsock"
)

// transport asks targets on the goroutine that serves the client, where http.Transport has
// two more for each connection. Requests and answers are written and read by net/http. A
// request is sent once, on a kept connection as on a new one: when that breaks, ALB answers
// 502. It has no timeout for answers: exchange watches both sides.
type transport struct {
	dial dialFunc
	idle time.Duration // how long a connection is kept without a request

	mu   sync.Mutex               // guards kept
	kept map[string][]*targetConn // by address, the one used last at the end
}

// targetConn is a connection to a target. It belongs to one exchange at a time.
type targetConn struct {
	net.Conn
	address string
	socket  *rawsock.Socket // nil where there is none, as in tests
	expiry  *time.Timer     // runs while it is kept

	head io.LimitedReader // of the connection: as much as an answer's header may have
	r    *bufio.Reader    // of head
	w    *bufio.Writer
}

func newTransport(dial dialFunc, idle time.Duration) *transport {
	return &transport{dial: dial, idle: idle, kept: map[string][]*targetConn{}}
}

// RoundTrip implements http.RoundTripper. With the end of the request's context the
// connection is closed, whoever waits for it.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	c, err := t.take(req.Context(), req.URL.Host)
	if err != nil {
		if req.Body != nil {
			err = errors.Join(err, req.Body.Close())
		}
		return nil, err
	}
	a := &asked{t: t, conn: c, open: 1}
	a.uncut = context.AfterFunc(req.Context(), func() { _ = c.Close() }) // it may be closed already
	res, err := a.ask(req)
	if err != nil {
		a.read(false)
		return nil, err
	}
	return res, nil
}

// take is the connection to a target that was used last, or a new one.
func (t *transport) take(ctx context.Context, address string) (*targetConn, error) {
	for c := t.newest(address); c != nil; c = t.newest(address) {
		if c.expiry.Stop() && c.quiet() {
			return c, nil
		}
		_ = c.Close() // the target has, or it said something that nobody asked for
	}
	conn, err := t.dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	c := &targetConn{Conn: conn, address: address, head: io.LimitedReader{R: conn}, w: bufio.NewWriter(conn)}
	c.r = bufio.NewReader(&c.head)
	c.socket, _ = rawsock.Of(conn)
	return c, nil
}

func (t *transport) newest(address string) *targetConn {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := t.kept[address]
	if len(all) == 0 {
		return nil
	}
	last := len(all) - 1
	c := all[last]
	all[last] = nil
	if t.kept[address] = all[:last]; last == 0 {
		delete(t.kept, address) // replicas come and go, each with an address of its own
	}
	return c
}

// quiet reports whether the target has neither closed the connection nor said anything.
func (c *targetConn) quiet() bool {
	if c.socket == nil {
		return true
	}
	var one [1]byte
	_, err := c.socket.TryRead(one[:])
	return err == rawsock.ErrAgain
}

// keep lets the next request to the target have the connection.
func (t *transport) keep(c *targetConn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept[c.address]) == maxIdlePerTarget {
		_ = c.Close() // nobody waits for it
		return
	}
	if c.expiry == nil {
		c.expiry = time.AfterFunc(t.idle, func() { t.drop(c) })
	} else {
		c.expiry.Reset(t.idle)
	}
	t.kept[c.address] = append(t.kept[c.address], c)
}

// drop lets go of a connection that nobody needed for long.
func (t *transport) drop(c *targetConn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept[c.address] = slices.DeleteFunc(t.kept[c.address], func(other *targetConn) bool { return other == c })
	if len(t.kept[c.address]) == 0 {
		delete(t.kept, c.address)
	}
	_ = c.Close() // the target may have, or take, who found it expired
}

// CloseIdleConnections closes what is kept.
func (t *transport) CloseIdleConnections() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, all := range t.kept {
		for _, c := range all {
			c.expiry.Stop()
			_ = c.Close() // nobody waits for it
		}
	}
	clear(t.kept)
}

// asked is one request on a connection, which is free again when the request has been sent
// and its answer read.
type asked struct {
	t     *transport
	conn  *targetConn
	uncut func() bool // the request's end no longer closes the connection; false: it did

	lastOne bool // the target closes the connection after its answer
	reading sync.Once

	mu      sync.Mutex // guards what follows
	open    int        // of sending and reading, what is not over
	spoiled bool       // one of them did not come to its end: nobody else gets the connection
}

// ask sends the request and reads the header of the answer.
func (a *asked) ask(req *http.Request) (*http.Response, error) {
	if req.Body == nil || req.Body == http.NoBody {
		if err := a.conn.send(req); err != nil {
			return nil, err
		}
	} else {
		a.sendBeside(req)
	}
	res, err := a.conn.answer(req)
	if err != nil {
		return nil, fmt.Errorf("read answer of target: %w", err)
	}
	a.lastOne = res.Close
	switch {
	case res.StatusCode == http.StatusSwitchingProtocols:
		res.Body = targetStream{a.conn}
	case res.Body == http.NoBody:
		a.read(true)
	default:
		res.Body = &answerBody{res.Body, a}
	}
	return res, nil
}

func (c *targetConn) send(req *http.Request) error {
	err := req.Write(c.w)
	if err == nil {
		err = c.w.Flush()
	}
	if err != nil {
		return fmt.Errorf("write request to target: %w", err)
	}
	return nil
}

// sendBeside sends a request whose body may still be on its way: the target may answer
// before it has all of it. A client that is lost on the way has nobody wait for an answer;
// a target that takes no more may have answered all the same.
func (a *asked) sendBeside(req *http.Request) {
	body := &lossyBody{ReadCloser: req.Body}
	req = req.WithContext(req.Context()) // the caller's keeps its body
	req.Body = body
	a.open++ // nothing else is under way yet
	go func() {
		err := a.conn.send(req)
		var network *net.OpError
		if body.lost || err != nil && !errors.As(err, &network) {
			_ = a.conn.Close() // nothing will come: who reads finds out
		}
		a.over(err == nil)
	}()
}

// lossyBody notes that the client's body broke off.
type lossyBody struct {
	io.ReadCloser
	lost bool
}

func (b *lossyBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.lost = b.lost || err != nil && err != io.EOF
	return n, err
}

// answer reads a header, and those of interim answers before it.
func (c *targetConn) answer(req *http.Request) (*http.Response, error) {
	c.head.N = maxResponseHeaders
	for {
		res, err := http.ReadResponse(c.r, req)
		if err != nil {
			return nil, err
		}
		if res.StatusCode >= http.StatusOK || res.StatusCode == http.StatusSwitchingProtocols {
			c.head.N = math.MaxInt64
			return res, nil
		}
		if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.Got1xxResponse != nil {
			if err := trace.Got1xxResponse(res.StatusCode, textproto.MIMEHeader(res.Header)); err != nil {
				return nil, err
			}
			c.head.N = maxResponseHeaders // for each, as many as there are
		}
	}
}

// read ends the reading. Where that was before the answer's end, nothing more is sent either.
func (a *asked) read(whole bool) {
	a.reading.Do(func() {
		whole = whole && !a.lastOne && a.conn.r.Buffered() == 0
		if !whole {
			_ = a.conn.Close() // nobody wants what is left
		}
		a.over(whole)
	})
}

// over ends sending or reading. Who is last gives the connection to others, if that may be.
// Until then the request's end closes it, be it that the target answered before it had all.
func (a *asked) over(well bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.spoiled = a.spoiled || !well
	if a.open--; a.open > 0 {
		return
	}
	if a.uncut() && !a.spoiled {
		a.t.keep(a.conn)
	} else {
		_ = a.conn.Close() // it may be closed already
	}
}

// answerBody is the body of an answer, with whose end its connection is free.
type answerBody struct {
	io.ReadCloser
	asked *asked
}

func (b *answerBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.asked.read(err == io.EOF)
	}
	return n, err
}

// Close lets go of what was not read.
func (b *answerBody) Close() error {
	b.asked.read(false)
	return nil
}

// targetStream is a connection that speaks another protocol from here on.
type targetStream struct{ *targetConn }

func (s targetStream) Read(p []byte) (int, error) { return s.r.Read(p) }
func (s targetStream) CloseWrite() error          { return closeWrite(s.Conn) }
