package proxy

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Why an exchange was cut.
var (
	errIdle       = errors.New("idle timeout")
	errClientIdle = errors.New("idle timeout while the client's body was waited for")
	errDrained    = errors.New("deregistration delay over")
	errStopped    = errors.New("load balancer stopped")
)

// longAgo is a deadline that ends what waits for the connection now.
var longAgo = time.Unix(1, 0)

// exchange is one request and its answer, a whole event stream or a whole
// WebSocket. It ends itself when no byte has moved in either direction for the
// idle timeout, on both sides at once (user guide, edit-load-balancer-attributes).
type exchange struct {
	// Static.
	ctx     context.Context // of the request to the target; its cause says why it was cut
	cancel  context.CancelCauseFunc
	control *http.ResponseController
	idle    time.Duration
	begun   time.Time
	timer   *time.Timer

	moved    atomic.Int64 // when the last byte moved, as time since begun
	bodyDone atomic.Bool  // the client's body has been read to its end
	bodyLost atomic.Bool  // the client went away in the middle of its body
	hungry   atomic.Bool  // the client's body is being waited for

	mu       sync.Mutex
	started  bool     // the answer's header is on its way to the client; guarded by mu
	finished bool     // nothing may be touched any more; guarded by mu
	client   net.Conn // once it is a WebSocket; guarded by mu
}

func newExchange(w http.ResponseWriter, r *http.Request, idle time.Duration) *exchange {
	e := &exchange{control: http.NewResponseController(w), idle: idle, begun: time.Now()}
	e.ctx, e.cancel = context.WithCancelCause(r.Context())
	e.bodyDone.Store(r.ContentLength == 0)
	e.timer = time.AfterFunc(idle, e.lookIdle)
	return e
}

// touch notes that bytes moved. It only stores a number: the timer looks at it
// when it fires, which is cheaper than moving the timer for each frame.
func (e *exchange) touch() { e.moved.Store(int64(time.Since(e.begun))) }

func (e *exchange) lookIdle() {
	quiet := time.Since(e.begun) - time.Duration(e.moved.Load())
	if quiet < e.idle {
		e.mu.Lock()
		defer e.mu.Unlock()
		if !e.finished {
			e.timer.Reset(e.idle - quiet)
		}
		return
	}
	if e.hungry.Load() {
		e.cut(errClientIdle)
		return
	}
	e.cut(errIdle)
}

// cut ends the exchange from outside. Cancelling frees whoever waits for the
// target; a client that does not take its bytes needs a push of its own.
func (e *exchange) cut(cause error) {
	e.cancel(cause)
	e.mu.Lock()
	defer e.mu.Unlock()
	// An error of these calls means that the connection is gone, which is the aim.
	switch {
	case e.finished:
	case e.client != nil:
		_ = e.client.Close()
	case e.started:
		_ = e.control.SetWriteDeadline(longAgo)
		_ = e.control.SetReadDeadline(longAgo)
	case !e.bodyDone.Load(): // the answer can still be written, but nobody may go on waiting for the body
		_ = e.control.SetReadDeadline(longAgo)
	}
}

// finish is the end of the handler: after it the connection belongs to
// net/http again.
func (e *exchange) finish() {
	e.mu.Lock()
	e.finished = true
	e.timer.Stop()
	e.mu.Unlock()
	e.cancel(nil)
}

// response watches the answer on its way to the client.
type response struct {
	http.ResponseWriter
	exchange *exchange
	record   *record
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader notes that the answer has begun, or that the target said it will come.
func (w *response) WriteHeader(status int) {
	w.exchange.touch()
	if status >= 200 {
		w.record.passed = time.Now()
		if !w.exchange.bodyDone.Load() {
			leaveBody(w.ResponseWriter, w.exchange.idle)
		}
		w.exchange.mu.Lock()
		w.exchange.started = true
		w.exchange.mu.Unlock()
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts bytes taken by the client as activity.
func (w *response) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	if n > 0 {
		w.exchange.touch()
	}
	return n, err
}

// Hijack hands out the client's connection and remembers it for cut.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := w.exchange.control.Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.record.passed, w.record.upgraded = time.Now(), true
	w.exchange.mu.Lock()
	w.exchange.client = conn
	w.exchange.mu.Unlock()
	if n := buffered.Reader.Buffered(); n > 0 { // httputil would lose what came right behind the request
		early, err := buffered.Reader.Peek(n)
		if err != nil {
			return nil, nil, err
		}
		conn = earlyConn{conn, io.MultiReader(bytes.NewReader(slices.Clone(early)), conn)}
	}
	return conn, buffered, nil
}

// earlyConn is a connection of which some bytes have been read already.
type earlyConn struct {
	net.Conn
	from io.Reader
}

func (c earlyConn) Read(p []byte) (int, error) { return c.from.Read(p) }
func (c earlyConn) CloseWrite() error          { return closeWrite(c.Conn) }

// clientBody watches the request body on its way in.
type clientBody struct {
	io.ReadCloser
	exchange *exchange
}

func (b clientBody) Read(p []byte) (int, error) {
	b.exchange.hungry.Store(true)
	n, err := b.ReadCloser.Read(p)
	b.exchange.hungry.Store(false)
	if n > 0 {
		b.exchange.touch()
	}
	switch {
	case errors.Is(err, io.EOF):
		b.exchange.bodyDone.Store(true)
	case err != nil:
		b.exchange.bodyLost.Store(true)
	}
	return n, err
}

// targetBody watches the answer's body on its way from the target.
type targetBody struct {
	io.ReadCloser
	exchange *exchange
}

func (b targetBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.exchange.touch()
	}
	return n, err
}

// targetSocket watches a WebSocket. Every byte of both directions is read from
// or written to the target's side.
type targetSocket struct {
	io.ReadWriteCloser
	exchange *exchange
}

func (s targetSocket) Read(p []byte) (int, error) {
	n, err := s.ReadWriteCloser.Read(p)
	if n > 0 {
		s.exchange.touch()
	}
	return n, err
}

func (s targetSocket) Write(p []byte) (int, error) {
	n, err := s.ReadWriteCloser.Write(p)
	if n > 0 {
		s.exchange.touch()
	}
	return n, err
}

// CloseWrite passes on that the client will send no more, so that the target
// can still finish its sentence.
func (s targetSocket) CloseWrite() error { return closeWrite(s.ReadWriteCloser) }

// WriteTo and ReadFrom are what io.Copy uses for the two directions: they take less
// memory than its own buffers.
func (s targetSocket) WriteTo(client io.Writer) (int64, error)  { return relay(client, s) }
func (s targetSocket) ReadFrom(client io.Reader) (int64, error) { return relay(s, client) }

func relay(to io.Writer, from io.Reader) (int64, error) {
	return io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, make([]byte, socketBuffer))
}

// leaveBody answers a client that is still sending: the connection ends with
// the answer, and net/http, which reads what is left of the body first, waits
// for it no longer than the idle timeout.
func leaveBody(w http.ResponseWriter, idle time.Duration) {
	w.Header().Set("Connection", "close")
	// Only test recorders have no deadlines, and they have no connection to wait for.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(idle))
}
