//go:build unix

package gateway

import (
	"errors"
	"net"
	"syscall"
)

// direct writes to a socket without ever waiting for it. One writes at a time.
type direct struct {
	raw     syscall.RawConn
	attempt func(fd uintptr) bool // is made once, since a closure for each write would be garbage

	p   []byte
	n   int
	err error
}

// newDirect is nil for a connection that is no socket.
func newDirect(conn net.Conn) *direct {
	s, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return nil
	}
	d := &direct{raw: raw}
	d.attempt = d.try
	return d
}

// write writes what the socket takes at once. A full one takes nothing, which is no error.
func (d *direct) write(p []byte) (int, error) {
	d.p = p
	err := d.raw.Write(d.attempt)
	d.p = nil
	switch {
	case err != nil:
		return 0, err
	case errors.Is(d.err, syscall.EAGAIN):
		return 0, nil
	case d.err != nil:
		return 0, d.err
	}
	return d.n, nil
}

// try reports that it is done whatever came of it: else it would be called again when the
// socket has room.
func (d *direct) try(fd uintptr) bool {
	for d.n, d.err = syscall.Write(int(fd), d.p); d.err == syscall.EINTR; {
		d.n, d.err = syscall.Write(int(fd), d.p)
	}
	return true
}
