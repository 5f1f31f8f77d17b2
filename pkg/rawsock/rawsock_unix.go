//go:build unix

package rawsock

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// Socket uses a socket without ever waiting for it. One reads at a time, and one writes.
type Socket struct {
	syscall.RawConn
	in, out attempt
}

// Of is the socket of a connection, if it has one. One that was wrapped uses it itself: whoever
// reads there, or writes, must not do so here at the same time.
func Of(c net.Conn) (s *Socket, ok bool) {
	if wrapped, ok := c.(*conn); ok {
		return wrapped.socket, true
	}
	has, ok := c.(syscall.Conn)
	if !ok {
		return nil, false
	}
	raw, err := has.SyscallConn()
	if err != nil {
		return nil, false
	}
	s = &Socket{RawConn: raw}
	s.in.prepare("read", read)
	s.out.prepare("write", write)
	return s, true
}

// TryRead reads what is there: io.EOF at the end, and ErrAgain when there is nothing.
func (s *Socket) TryRead(p []byte) (int, error) {
	n, err := s.in.do(s.in.once, s.RawConn.Read, p)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

// TryWrite writes what the socket takes, which may be less than all, without an error.
func (s *Socket) TryWrite(p []byte) (int, error) {
	n, err := s.out.do(s.out.once, s.RawConn.Write, p)
	if err == ErrAgain {
		return 0, nil
	}
	return n, err
}

// attempt is one direction of a socket: what was asked last, and what came of it.
type attempt struct {
	p   []byte
	n   int
	err error

	// What RawConn calls, which waits for the socket and calls again while it is false. They
	// are made once: a closure for each call would be garbage.
	once, until func(fd uintptr) bool
}

// access is RawConn.Read or RawConn.Write.
type access func(f func(fd uintptr) bool) error

func (a *attempt) prepare(name string, call func(fd uintptr, p []byte) (int, syscall.Errno)) {
	try := func(fd uintptr) {
		n, errno := call(fd, a.p)
		for errno == syscall.EINTR {
			n, errno = call(fd, a.p)
		}
		switch errno {
		case 0:
			a.n, a.err = n, nil
		case syscall.EAGAIN:
			a.n, a.err = 0, ErrAgain
		default:
			a.n, a.err = 0, os.NewSyscallError(name, errno)
		}
	}
	a.once = func(fd uintptr) bool { try(fd); return true }
	a.until = func(fd uintptr) bool { try(fd); return a.err != ErrAgain }
}

// do has f called with the descriptor.
func (a *attempt) do(f func(fd uintptr) bool, by access, p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	a.p = p
	err := by(f)
	a.p = nil
	if err != nil {
		return 0, err
	}
	return a.n, a.err
}

// conn is a TCP connection that waits as package net does.
type conn struct {
	*net.TCPConn
	socket *Socket

	reads, writes sync.Mutex // several may read, or write, as with every net.Conn
}

func wrap(c net.Conn) net.Conn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	s, ok := Of(tcp)
	if !ok {
		return c
	}
	return &conn{TCPConn: tcp, socket: s}
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	s := c.socket
	c.reads.Lock()
	defer c.reads.Unlock()
	n, err := s.in.do(s.in.until, s.RawConn.Read, p)
	if n == 0 && err == nil && len(p) > 0 {
		err = io.EOF
	}
	return n, c.named("read", err)
}

// Write implements net.Conn.
func (c *conn) Write(p []byte) (n int, err error) {
	s := c.socket
	c.writes.Lock()
	defer c.writes.Unlock()
	for n < len(p) && err == nil {
		var k int
		k, err = s.out.do(s.out.until, s.RawConn.Write, p[n:])
		n += k
	}
	return n, c.named("write", err)
}

// named gives an error the form that package net gives it.
func (c *conn) named(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	var inner *net.OpError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}
