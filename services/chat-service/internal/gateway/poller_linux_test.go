package gateway

import (
	"net"
	"syscall"
	"testing"

	"github.com/sixseat/sixseat/pkg/rawsock"
)

// An event of a socket that is gone does not tell the one that has its descriptor now.
func TestPoller_anEventOfAnotherIsDropped(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p, err := newPoller()
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 10)
	open := func(name string) (fd int32, forget func()) {
		peer, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = peer.Close() })
		ours, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ours.Close() })
		socket, ok := rawsock.Of(ours)
		if !ok {
			t.Fatal("a TCP connection is no socket")
		}
		if forget, err = p.watch(socket, func() { told <- name }); err != nil {
			t.Fatal(err)
		}
		if err := socket.Control(func(n uintptr) { fd = int32(n) }); err != nil {
			t.Fatal(err)
		}
		if _, err := peer.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		return fd, forget
	}
	fd, forget := open("first")
	if got := <-told; got != "first" {
		t.Fatal(got)
	}
	stale := syscall.EpollEvent{Fd: fd, Pad: p.watched[fd].number}
	forget()
	p.ready(stale)
	p.watched[fd] = watch{stale.Pad + 1, func() { told <- "second, by an event of the first" }}
	p.ready(stale)
	forget() // late: the descriptor is another's
	if len(p.watched) != 1 || len(told) != 0 {
		t.Errorf("%d watched, %d told", len(p.watched), len(told))
	}
}
