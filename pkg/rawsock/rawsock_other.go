//go:build !unix

package rawsock

import (
	"net"
	"syscall"
)

func wrap(c net.Conn) net.Conn { return c }

// Socket is what this system has none of.
type Socket struct{ syscall.RawConn }

// Of finds no socket.
func Of(net.Conn) (s *Socket, ok bool) { return nil, false }

// TryRead is not called, since there is no Socket.
func (*Socket) TryRead([]byte) (int, error) { return 0, ErrAgain }

// TryWrite is not called, since there is no Socket.
func (*Socket) TryWrite([]byte) (int, error) { return 0, nil }
