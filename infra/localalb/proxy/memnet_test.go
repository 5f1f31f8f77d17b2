package proxy_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
)

// memnet is a network in memory. Its connections are net.Pipe, so that whole
// conversations can run inside a testing/synctest bubble with its fake clock.
type memnet struct {
	mu        sync.Mutex
	listeners map[string]*memListener // by "IP:port"; guarded by mu
	ports     map[netip.Addr]uint16   // last one used by a dialling side; guarded by mu
}

func newMemnet() *memnet {
	return &memnet{listeners: map[string]*memListener{}, ports: map[netip.Addr]uint16{}}
}

// dial is for proxy.Options.Dial; nobody listening is a refused connection.
func (n *memnet) dial(ctx context.Context, _, address string) (net.Conn, error) {
	return n.dialFrom(ctx, netip.MustParseAddr("10.0.0.1"), address)
}

func (n *memnet) dialFrom(ctx context.Context, peer netip.Addr, address string) (net.Conn, error) {
	n.mu.Lock()
	l := n.listeners[address]
	n.ports[peer]++
	from := net.TCPAddrFromAddrPort(netip.AddrPortFrom(peer, 40000+n.ports[peer]))
	n.mu.Unlock()
	if l == nil {
		return nil, fmt.Errorf("dial %s: %w", address, syscall.ECONNREFUSED)
	}
	ours, theirs := net.Pipe()
	select {
	case l.queue <- memConn{Conn: theirs, local: l.address, remote: from}:
		return memConn{Conn: ours, local: from, remote: l.address}, nil
	case <-l.closed:
		return nil, fmt.Errorf("dial %s: %w", address, syscall.ECONNREFUSED)
	case <-ctx.Done():
		return nil, fmt.Errorf("dial %s: %w", address, ctx.Err())
	}
}

func (n *memnet) listen(address string) net.Listener {
	l := &memListener{
		address: net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address)),
		queue:   make(chan net.Conn),
		closed:  make(chan struct{}),
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listeners[address] = l
	return l
}

type memListener struct {
	address net.Addr
	queue   chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func (l *memListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.queue:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *memListener) Addr() net.Addr { return l.address }

type memConn struct {
	net.Conn
	local, remote net.Addr
}

func (c memConn) LocalAddr() net.Addr  { return c.local }
func (c memConn) RemoteAddr() net.Addr { return c.remote }
