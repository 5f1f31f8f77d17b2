// Package line is a member's connections to the system, as cheap as the measuring needs
// them: HTTP and STOMP over WebSocket, each on one socket. A goroutine waits at those that
// an answer is due on; one goroutine reads all on which there may be something to hear.
package line

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sixseat/sixseat/pkg/rawsock"
)

// Target is where a system listens.
type Target struct {
	host string // host:port
	name string // host, for TLS
	tls  bool
	wire *Wire

	narrow bool
}

// Wire counts octets, those of TLS included, those of TCP and IP not.
type Wire struct{ FromPeople, ToPeople atomic.Int64 }

// Counted is the same target, to which all connections count on w.
func (t Target) Counted(w *Wire) Target {
	t.wire = w
	return t
}

// counted is a connection whose octets count.
type counted struct {
	tcp
	wire *Wire
}

// tcp is what a TCP connection can, wrapped or not.
type tcp interface {
	net.Conn
	syscall.Conn
	SetLinger(seconds int) error
}

// Read implements net.Conn.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.tcp.Read(p)
	c.wire.ToPeople.Add(int64(n))
	return n, err
}

// Write implements net.Conn.
func (c *counted) Write(p []byte) (int, error) {
	n, err := c.tcp.Write(p)
	c.wire.FromPeople.Add(int64(n))
	return n, err
}

// ParseTarget reads an origin like http://127.0.0.1:8080.
func ParseTarget(origin string) (Target, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.User != nil {
		return Target{}, fmt.Errorf("must be an origin like http://127.0.0.1:8080, is %q", origin)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return Target{host: net.JoinHostPort(u.Hostname(), port), name: u.Hostname(), tls: u.Scheme == "https", wire: new(Wire)}, nil
}

// Loopback reports whether the target is this machine.
func (t Target) Loopback() bool {
	ip := net.ParseIP(t.name)
	return t.name == "localhost" || ip != nil && ip.IsLoopback()
}

// Narrow is the target over lines that hold little, for members who will not read: its
// server feels at once what it would feel over Ethernet. Over loopback, whose segments
// have 64 KiB, its kernel would take 4 MB for each of them first.
func (t Target) Narrow() Target {
	t.narrow = true
	return t
}

func narrow(_, _ string, raw syscall.RawConn) error {
	var refused error
	err := raw.Control(func(fd uintptr) {
		refused = errors.Join(syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, ethernetSegment),
			syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, stalledBuffer))
	})
	return errors.Join(err, refused)
}

// dial opens the i-th connection.
func (t Target) dial(ctx context.Context, i int) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout, KeepAlive: -1}
	if t.narrow {
		d.Control = narrow
	}
	dialed, err := t.reach(ctx, &d, i)
	if err != nil {
		return nil, err
	}
	conn := &counted{rawsock.Wrap(dialed).(tcp), t.wire}
	if !t.tls {
		return conn, nil
	}
	return tls.Client(conn, &tls.Config{ServerName: t.name}), nil
}

// reach connects. To a loopback address connections go out from several addresses of
// 127.0.0.0/8, since one has not ports enough for all; they need nothing of what resolving a
// name takes.
func (t Target) reach(ctx context.Context, d *net.Dialer, i int) (net.Conn, error) {
	to, err := netip.ParseAddrPort(t.host)
	if ip := to.Addr().Unmap(); err != nil || !ip.Is4() || !ip.IsLoopback() {
		return d.DialContext(ctx, "tcp", t.host) // from wherever the kernel likes: DialTCP would bind
	}
	conn, err := d.DialTCP(ctx, "tcp", netip.AddrPortFrom(source(i), 0), to)
	if err != nil {
		return nil, err // not conn, which would be an interface that is not nil
	}
	return conn, nil
}

// source is the address that the i-th connection goes out from. It is never 127.0.0.1,
// where servers that are started meanwhile look for a free port.
func source(i int) netip.Addr { return netip.AddrFrom4([4]byte{127, 0, 0, byte(2 + i/perSource%250)}) }

// open dials and makes a reader.
func (t Target) open(ctx context.Context, i int) (net.Conn, *bufio.Reader, error) {
	conn, err := t.dial(ctx, i)
	if err != nil {
		return nil, nil, fmt.Errorf("connect: %w", err)
	}
	return conn, bufio.NewReaderSize(conn, readBuffer), conn.SetDeadline(time.Now().Add(dialTimeout))
}

// reset closes a connection without TIME_WAIT, which would use up the ports of a run
// that opens tens of thousands.
func reset(conn net.Conn) {
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0) // it may be closed already, as below
	}
	_ = conn.Close()
}
