package testenv

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// relay passes a server's answers on to one client, until either is gone or it decides
// that the connection shall be cut.
type relay func(client io.Writer, server io.Reader)

// startProxy listens for clients of the server in rawURL and returns the URL with its
// own address instead. While the server is away, clients are hung up on.
func startProxy(tb testing.TB, rawURL string, answers relay) string {
	tb.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		tb.Fatal("proxy:", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal("proxy:", err)
	}
	p := &proxy{target: u.Host, answers: answers, open: map[net.Conn]bool{}}
	p.running.Go(func() { p.serve(l) })
	tb.Cleanup(func() {
		_ = l.Close() // ends serve
		p.closeAll()
		p.running.Wait()
	})
	u.Host = l.Addr().String()
	return u.String()
}

type proxy struct {
	target  string
	answers relay
	running sync.WaitGroup

	mu     sync.Mutex // guards what follows
	open   map[net.Conn]bool
	closed bool
}

func (p *proxy) serve(l net.Listener) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.carry(client) })
	}
}

// carry connects a client with the server. When either side ends, so do both.
func (p *proxy) carry(client net.Conn) {
	defer p.forget(client)
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer p.forget(server)
	if !p.remember(client) || !p.remember(server) {
		return
	}
	var asking sync.WaitGroup
	asking.Go(func() { _, _ = io.Copy(server, client); _ = server.Close() }) // an end is all that can happen
	p.answers(client, server)
	_ = client.Close() // ends the copy
	asking.Wait()
}

func (p *proxy) remember(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[c] = true
	return !p.closed
}

func (p *proxy) forget(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
	_ = c.Close() // it may be closed already
}

func (p *proxy) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for c := range p.open {
		_ = c.Close() // carry ends
	}
}
