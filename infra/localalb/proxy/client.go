package proxy

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sixseat/sixseat/infra/localalb/rules"
)

// Listener gives a net.Listener for Server: its connections count what they carry and
// say in ALB's words what net/http answers, or leaves unanswered, before a handler is
// called.
func (b *Balancer) Listener(l net.Listener) net.Listener { return listener{l, b} }

type listener struct {
	net.Listener
	b *Balancer
}

func (l listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &client{Conn: conn, b: l.b, begun: time.Now()}
	if l.b.accessLog != nil {
		c.id = newConnectionID()
	}
	return c, nil
}

// client is one client's connection. Between requests, and before the first, it
// belongs to net/http alone; serving tells which it is.
type client struct {
	net.Conn
	b     *Balancer
	begun time.Time
	id    string // conn_trace_id

	serving  atomic.Bool
	received atomic.Int64 // bytes
	sent     atomic.Int64 // bytes

	// Of the goroutine that serves the connection.
	record         *record // of the request whose answer is on its way
	loggedReceived int64   // of earlier requests
	loggedSent     int64
	used           bool // a request was served
	lineRead       bool // the next request's first line has come
}

func (c *client) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.received.Add(int64(n))
	if !c.serving.Load() && !c.lineRead {
		c.lineRead = bytes.IndexByte(p[:n], '\n') >= 0
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && !c.serving.Load() {
		// An idle kept connection ends without a word.
		if begun := c.received.Load() > c.loggedReceived; begun || !c.used {
			c.refuse(http.StatusRequestTimeout)
		}
	}
	return n, err
}

// Write replaces net/http's own words about a request that it could not read.
func (c *client) Write(p []byte) (int, error) {
	if !c.serving.Load() {
		if status := c.refusalOf(p); status != 0 {
			return len(p), c.refuse(status)
		}
	}
	n, err := c.Conn.Write(p)
	c.sent.Add(int64(n))
	return n, err
}

// CloseWrite lets the other side finish its sentence.
func (c *client) CloseWrite() error { return closeWrite(c.Conn) }

func closeWrite(conn interface{ Close() error }) error {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return conn.Close()
}

// refusalOf is the status of an answer that net/http makes itself, in ALB's numbers;
// 0 for any other.
func (c *client) refusalOf(answer []byte) int {
	code, ok := strings.CutPrefix(string(answer[:min(len(answer), len("HTTP/1.1 400"))]), "HTTP/1.1 ")
	if !ok {
		return 0
	}
	switch code {
	case "431":
		if !c.lineRead { // it was the line that was too long
			return http.StatusRequestURITooLong
		}
		return http.StatusBadRequest
	case "400":
		return http.StatusBadRequest
	case "501":
		return http.StatusNotImplemented
	case "505":
		return http.StatusHTTPVersionNotSupported
	}
	return 0
}

// refuse answers what never became a request.
func (c *client) refuse(status int) error {
	page := pageOf(status)
	server := ""
	if c.b.listener.ServerHeader {
		server = "Server: " + serverName + "\r\n"
	}
	answer := fmt.Sprintf("HTTP/1.1 %s\r\n%sDate: %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		titleOf(status), server, time.Now().UTC().Format(http.TimeFormat), len(page), page)
	// The client may have stopped reading; nobody shall wait for it for ever.
	if err := c.Conn.SetWriteDeadline(time.Now().Add(c.b.listener.LoadBalancer.IdleTimeout)); err != nil {
		return err
	}
	n, err := c.Conn.Write([]byte(answer))
	c.sent.Add(int64(n))
	peer, _ := netip.ParseAddrPort(c.RemoteAddr().String())
	c.record = &record{begun: time.Now(), status: status, view: view{peer: peer, origin: c.origin()}}
	return err
}

// origin is where a client came to that did not say so.
func (c *client) origin() rules.Origin {
	o := rules.Origin{Protocol: "http", Host: "-", Port: c.b.listener.Port}
	if c.b.asListener {
		o.Protocol = strings.ToLower(c.b.listener.Protocol)
	} else if address, ok := c.LocalAddr().(*net.TCPAddr); ok {
		o.Port = address.Port
	}
	return o
}

// follow is the server's ConnState: the answer has left when net/http turns to the
// next request or closes.
func (b *Balancer) follow(conn net.Conn, state http.ConnState) {
	c, ok := conn.(*client)
	if !ok {
		return
	}
	switch state {
	case http.StateNew:
		b.metrics.connections.Inc()
		b.metrics.open.Inc()
	case http.StateIdle:
		c.endRequest()
		c.used, c.lineRead = true, false
		c.serving.Store(false)
	case http.StateClosed:
		c.endRequest()
		b.metrics.open.Dec()
	}
}

// endRequest hands over the record of the request that is over now.
func (c *client) endRequest() {
	received, sent := c.received.Load(), c.sent.Load()
	if c.record != nil {
		c.b.finish(c.record, c.id, received-c.loggedReceived, sent-c.loggedSent)
		c.record = nil
	}
	c.loggedReceived, c.loggedSent = received, sent
}

// hijacked is the end of a WebSocket, of which net/http tells nobody.
func (c *client) hijacked() {
	c.endRequest()
	c.b.metrics.open.Dec()
}

// finish is the end of a request, whoever answered it.
func (b *Balancer) finish(r *record, connection string, received, sent int64) {
	b.metrics.observe(r, received, sent)
	if b.accessLog != nil {
		b.accessLog.write(r, connection, received, sent)
	}
}

// newConnectionID has the form of conn_trace_id.
func newConnectionID() string {
	var random [16]byte
	rand.Read(random[:]) // never fails, says its documentation
	return "TID_" + hex.EncodeToString(random[:])
}

type clientKey struct{}

// clientOf gives the connection a request came on; nil when it is not ours.
func clientOf(r *http.Request) *client {
	c, _ := r.Context().Value(clientKey{}).(*client)
	return c
}
