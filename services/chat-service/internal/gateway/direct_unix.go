//go:build unix

package gateway

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// direct writes to a socket without ever waiting for it, and waits for it without a buffer
// to read into. One writes at a time, and one reads.
type direct struct {
	raw             syscall.RawConn
	writes, reading func(fd uintptr) bool // are made once: a closure for each call would be garbage

	out    []byte
	outN   int
	outErr error

	in    *readBuffer
	inN   int
	inErr error
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
	d.writes, d.reading = d.tryWrite, d.tryRead
	return d
}

// write writes what the socket takes at once. A full one takes nothing, which is no error.
func (d *direct) write(p []byte) (int, error) {
	d.out = p
	err := d.raw.Write(d.writes)
	d.out = nil
	switch {
	case err != nil:
		return 0, err
	case errors.Is(d.outErr, syscall.EAGAIN):
		return 0, nil
	case d.outErr != nil:
		return 0, d.outErr
	}
	return d.outN, nil
}

// tryWrite reports that it is done whatever came of it: else it would be called again when
// the socket has room.
func (d *direct) tryWrite(fd uintptr) bool {
	for d.outN, d.outErr = writeNow(fd, d.out); d.outErr == syscall.EINTR; {
		d.outN, d.outErr = writeNow(fd, d.out)
	}
	return true
}

// read waits for octets and returns them in a pooled buffer.
func (d *direct) read() (*readBuffer, int, error) {
	err := d.raw.Read(d.reading)
	buf, n := d.in, d.inN
	d.in, d.inN = nil, 0
	switch {
	case err != nil:
		return buf, 0, err
	case d.inErr != nil:
		return buf, 0, d.inErr
	case n == 0:
		return buf, 0, io.EOF
	}
	return buf, n, nil
}

// tryRead is called again when there is something to read, if it says that it is not done.
func (d *direct) tryRead(fd uintptr) bool {
	buf := readBuffers.Get().(*readBuffer)
	for d.inN, d.inErr = syscall.Read(int(fd), buf[:]); d.inErr == syscall.EINTR; {
		d.inN, d.inErr = syscall.Read(int(fd), buf[:])
	}
	if d.inErr == syscall.EAGAIN {
		readBuffers.Put(buf)
		return false
	}
	d.in = buf
	return true
}
