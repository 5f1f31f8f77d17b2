package gateway

import (
	"errors"
	"net"
	"syscall"
	"unsafe"
)

// direct uses a socket without ever waiting for it. One writes at a time, and one reads.
type direct struct {
	raw     syscall.RawConn
	out, in call
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
	d.out.prepare(syscall.SYS_WRITE)
	d.in.prepare(syscall.SYS_READ)
	return d
}

// write writes what the socket takes at once. A full one takes nothing, which is no error.
func (d *direct) write(p []byte) (int, error) {
	d.out.p = p
	err := d.raw.Write(d.out.try)
	d.out.p = nil
	switch {
	case err != nil:
		return 0, err
	case d.out.errno == syscall.EAGAIN:
		return 0, nil
	}
	return d.out.result()
}

// errNothing says that there is nothing to read now.
var errNothing = errors.New("nothing to read")

// read reads what is there: 0 octets at the end, or errNothing.
func (d *direct) read(p []byte) (int, error) {
	d.in.p = p
	err := d.raw.Read(d.in.try)
	d.in.p = nil
	switch {
	case err != nil:
		return 0, err
	case d.in.errno == syscall.EAGAIN:
		return 0, errNothing
	}
	return d.in.result()
}

// watch has the poller call ready when there may be something to read.
func (d *direct) watch(p *poller, ready func()) (forget func(), err error) {
	controlled := d.raw.Control(func(fd uintptr) { forget, err = p.watch(int32(fd), ready) })
	return forget, errors.Join(controlled, err)
}

// call is read(2) or write(2) on a socket that never blocks. syscall.Read and Write tell
// Go's scheduler of each call, in case it takes long, and have it watched (runtime.sysmon,
// 20 µs at a time): a tenth of what a busy node did.
type call struct {
	try func(fd uintptr) bool // is made once: a closure for each call would be garbage

	p     []byte
	n     uintptr
	errno syscall.Errno
}

func (c *call) prepare(number uintptr) {
	c.try = func(fd uintptr) bool {
		for {
			c.n, _, c.errno = syscall.RawSyscall(number, fd, uintptr(unsafe.Pointer(unsafe.SliceData(c.p))), uintptr(len(c.p)))
			if c.errno != syscall.EINTR {
				return true // whatever came of it: else it would be called again when the socket is ready
			}
		}
	}
}

func (c *call) result() (int, error) {
	if c.errno != 0 {
		return 0, c.errno
	}
	return int(c.n), nil
}
