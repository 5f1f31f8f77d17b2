//go:build unix

package proxy

import (
	"net"
	"syscall"
)

// watch gives what tells whether a connection has something to read, without reading it.
// Connections in memory, which tests use, cannot be asked.
func watch(conn net.Conn) (readable func() bool) {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return func() bool { return false }
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return func() bool { return true }
	}
	var one [1]byte
	waiting := false
	peek := func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		waiting = err != syscall.EAGAIN
		return true
	}
	return func() bool { return raw.Read(peek) != nil || waiting }
}
