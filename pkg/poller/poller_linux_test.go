package poller

import (
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/sixseat/sixseat/pkg/rawsock"
)

// pair is the two ends of a TCP connection, ours as a socket.
func pair(t *testing.T) (ours *rawsock.Socket, theirs net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	theirs, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = theirs.Close() })
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	ours, ok := rawsock.Of(conn)
	if !ok {
		t.Fatal("a TCP connection is no socket")
	}
	return ours, theirs
}

func say(t *testing.T, to net.Conn) {
	t.Helper()
	if _, err := to.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
}

// What came before is told as well as what comes, and the end as one: the octets before it
// may be all that a read takes.
func TestWatch_tellsOfWhatComesAndOfTheEnd(t *testing.T) {
	ours, theirs := pair(t)
	say(t, theirs)
	told := make(chan bool, 10)
	w, err := Watch(ours, func(ended bool) { told <- ended }, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Forget()
	if <-told {
		t.Error("the end was told before it came")
	}
	say(t, theirs)
	if <-told {
		t.Error("the end was told before it came")
	}
	if err := theirs.Close(); err != nil {
		t.Fatal(err)
	}
	for !<-told { // of the last octet once more, where the end comes in two steps
	}
}

// fill writes until the socket takes no more.
func fill(t *testing.T, to *rawsock.Socket) (written int64) {
	t.Helper()
	for {
		n, err := to.TryWrite(make([]byte, 64<<10))
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return written
		}
		written += int64(n)
	}
}

// Who could not write is told when that would do again, by each question anew, and not by
// what comes meanwhile.
func TestWatched_tellsWhenTheSocketTakesMore(t *testing.T) {
	ours, theirs := pair(t)
	read, writable := make(chan bool, 10), make(chan bool, 10)
	w, err := Watch(ours, func(bool) { read <- true }, func() { writable <- true })
	if err != nil {
		t.Fatal(err)
	}
	defer w.Forget()
	say(t, theirs)
	<-read
	if len(writable) > 0 {
		t.Error("told without a question")
	}
	for range 3 {
		written := fill(t, ours)
		if err := w.Await(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, theirs, written); err != nil {
			t.Fatal(err)
		}
		<-writable
	}
	if err := w.Await(); err != nil { // it takes something now
		t.Fatal(err)
	}
	<-writable
}

// An event of a socket that is gone does not tell the one that has its descriptor now.
func TestPoller_anEventOfAnotherIsDropped(t *testing.T) {
	p, err := start()
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := pair(t)
	told := make(chan string, 10)
	w, err := p.watch(ours, func(bool) { told <- "first" }, nil)
	if err != nil {
		t.Fatal(err)
	}
	say(t, theirs)
	if got := <-told; got != "first" {
		t.Fatal(got)
	}
	var fd int32
	if err := ours.Control(func(n uintptr) { fd = int32(n) }); err != nil {
		t.Fatal(err)
	}
	stale := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: fd, Pad: p.watched[fd].number}
	w.Forget()
	p.ready(stale)
	p.watched[fd] = watching{number: stale.Pad + 1, ready: func(bool) { told <- "second, by an event of the first" }}
	p.ready(stale)
	w.Forget() // late: the descriptor is another's
	if p.watched[fd].ready == nil || len(told) != 0 {
		t.Errorf("watched: %v; %d told", p.watched[fd].ready != nil, len(told))
	}
}
