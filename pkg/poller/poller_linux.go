package poller

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"unsafe"

	"github.com/sixseat/sixseat/pkg/rawsock"
)

// Watch has ready called whenever something has come since the last time (edge-triggered),
// until forget or the end of the socket. ended says that nothing more will come: who stops
// reading where a read took less than it could must then read on to the end. ready must not
// block, since all sockets wait for it. An event that is under way may call it once after
// forget. Where the system has no epoll, the error is errors.ErrUnsupported.
func Watch(s *rawsock.Socket, ready func(ended bool)) (forget func(), err error) {
	p, err := running()
	if err != nil {
		return nil, err
	}
	return p.watch(s, ready)
}

// running is the poller of the process. It runs for as long as the process does.
var running = sync.OnceValues(start)

type poller struct {
	raw syscall.RawConn // of the epoll, at which one goroutine waits by Go's own
	fd  int

	mu       sync.Mutex // guards what follows
	watched  []watch    // by descriptor; nothing is ready where none is watched
	watching int32      // how many were watched so far, around the end of the numbers
}

// watch is one socket. Its number tells it from one that had the same descriptor before,
// of which an event may still be on its way.
type watch struct {
	number int32
	ready  func(ended bool)
}

func start() (*poller, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll_create1: %w", err)
	}
	if err := syscall.SetNonblock(fd, true); err != nil { // else Go's poller does not take it
		return nil, fmt.Errorf("epoll without waiting: %w", err)
	}
	raw, err := os.NewFile(uintptr(fd), "epoll").SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("epoll as a file: %w", err)
	}
	p := &poller{raw: raw, fd: fd}
	go p.run()
	return p, nil
}

func (p *poller) watch(s *rawsock.Socket, ready func(bool)) (forget func(), err error) {
	controlled := s.Control(func(fd uintptr) { forget, err = p.add(int32(fd), ready) })
	return forget, errors.Join(controlled, err)
}

func (p *poller) add(fd int32, ready func(bool)) (forget func(), err error) {
	p.mu.Lock()
	p.watching++
	w := watch{p.watching, ready}
	if more := int(fd) + 1 - len(p.watched); more > 0 {
		p.watched = append(p.watched, make([]watch, more)...)
	}
	p.watched[fd] = w
	p.mu.Unlock()
	forget = func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.watched[fd].number == w.number {
			p.watched[fd] = watch{}
		}
	}
	event := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | edge, Fd: fd, Pad: w.number}
	if err := syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_ADD, int(fd), &event); err != nil {
		forget()
		return nil, fmt.Errorf("epoll_ctl: %w", err)
	}
	return forget, nil
}

const (
	edge  = 1 << 31 // EPOLLET, which package syscall has as a negative number
	ended = syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR
)

func (p *poller) run() {
	events := make([]syscall.EpollEvent, maxEvents)
	var n uintptr
	var errno syscall.Errno
	look := func(fd uintptr) bool {
		n, _, errno = syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, fd, uintptr(unsafe.Pointer(&events[0])), maxEvents, 0, 0, 0)
		return errno != 0 || n > 0
	}
	for {
		err := p.raw.Read(look) // which waits while look finds nothing
		if errno == syscall.EINTR {
			continue
		}
		if err != nil || errno != 0 {
			panic(fmt.Sprint("poller: epoll: ", err, errno)) // it is never closed, and its arguments are right
		}
		for _, e := range events[:n] {
			p.ready(e)
		}
	}
}

func (p *poller) ready(e syscall.EpollEvent) {
	p.mu.Lock()
	w := p.watched[e.Fd]
	p.mu.Unlock()
	if w.ready != nil && w.number == e.Pad {
		w.ready(e.Events&ended != 0)
	}
}
