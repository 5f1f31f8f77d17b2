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
// until Forget or the end of the socket. ended says that nothing more will come: who stops
// reading where a read took less than it could must then read on to the end. After an Await
// it has writable called, once or more often; nil: nobody will Await. Neither may block,
// since all sockets wait for it. An event that is under way may call them once after Forget.
// Where the system has no epoll, the error is errors.ErrUnsupported.
func Watch(s *rawsock.Socket, ready func(ended bool), writable func()) (*Watched, error) {
	p, err := running()
	if err != nil {
		return nil, err
	}
	return p.watch(s, ready, writable)
}

// Watched is a socket that is watched.
type Watched struct {
	p      *poller
	socket *rawsock.Socket
	fd     int32
	number int32
}

// Forget ends the watching.
func (w *Watched) Forget() {
	w.p.mu.Lock()
	defer w.p.mu.Unlock()
	if w.p.watched[w.fd].number == w.number {
		w.p.watched[w.fd] = watching{}
	}
}

// Await has writable called when the socket takes something, at once if it does now. The
// error is that of a socket that is closed.
func (w *Watched) Await() (err error) {
	controlled := w.socket.Control(func(uintptr) {
		// Asked for anew, an edge that came before is told again (epoll(7)).
		event := syscall.EpollEvent{Events: incoming | syscall.EPOLLOUT, Fd: w.fd, Pad: w.number}
		err = syscall.EpollCtl(w.p.fd, syscall.EPOLL_CTL_MOD, int(w.fd), &event)
	})
	return errors.Join(controlled, err)
}

// running is the poller of the process. It runs for as long as the process does.
var running = sync.OnceValues(start)

type poller struct {
	raw syscall.RawConn // of the epoll, at which one goroutine waits by Go's own
	fd  int

	mu      sync.Mutex // guards what follows
	watched []watching // by descriptor; nothing is ready where none is watched
	numbers int32      // how many were watched so far, around the end of the numbers
}

// watching is one socket. Its number tells it from one that had the same descriptor before,
// of which an event may still be on its way.
type watching struct {
	number   int32
	ready    func(ended bool)
	writable func() // nil: nobody awaits it
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

func (p *poller) watch(s *rawsock.Socket, ready func(bool), writable func()) (w *Watched, err error) {
	controlled := s.Control(func(fd uintptr) { w, err = p.add(s, int32(fd), watching{ready: ready, writable: writable}) })
	return w, errors.Join(controlled, err)
}

func (p *poller) add(s *rawsock.Socket, fd int32, w watching) (*Watched, error) {
	p.mu.Lock()
	p.numbers++
	w.number = p.numbers
	if more := int(fd) + 1 - len(p.watched); more > 0 {
		p.watched = append(p.watched, make([]watching, more)...)
	}
	p.watched[fd] = w
	p.mu.Unlock()
	watched := &Watched{p, s, fd, w.number}
	event := syscall.EpollEvent{Events: incoming, Fd: fd, Pad: w.number}
	if err := syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_ADD, int(fd), &event); err != nil {
		watched.Forget()
		return nil, fmt.Errorf("epoll_ctl: %w", err)
	}
	return watched, nil
}

const (
	edge  = 1 << 31 // EPOLLET, which package syscall has as a negative number
	ended = syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR

	incoming = syscall.EPOLLIN | syscall.EPOLLRDHUP | edge
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
	if w.ready == nil || w.number != e.Pad {
		return
	}
	if e.Events&(syscall.EPOLLIN|ended) != 0 {
		w.ready(e.Events&ended != 0)
	}
	if e.Events&syscall.EPOLLOUT != 0 && w.writable != nil {
		w.writable()
	}
}
