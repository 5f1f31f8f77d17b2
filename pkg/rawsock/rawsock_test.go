package rawsock

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"golang.org/x/net/nettest"
)

// pair is the two ends of a TCP connection, both wrapped.
func pair() (ours, theirs net.Conn, stop func(), err error) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, nil, err
	}
	l := Listener(inner)
	defer l.Close()
	ours, err = Dial(&net.Dialer{})(context.Background(), "tcp", l.Addr().String())
	if err != nil {
		return nil, nil, nil, err
	}
	theirs, err = l.Accept()
	if err != nil {
		return nil, nil, nil, errors.Join(err, ours.Close())
	}
	return ours, theirs, func() { _, _ = ours.Close(), theirs.Close() }, nil
}

// What every net.Conn does: deadlines past, present and moved, Close under a Read and a
// Write, several at a time.
func TestConn_isANetConn(t *testing.T) {
	nettest.TestConn(t, pair)
}

// More than a socket takes at once is written as a whole, and the end of one side is the
// io.EOF of the other, itself and not in a wrapping.
func TestConn_longWritesAndTheEnd(t *testing.T) {
	ours, theirs, stop, err := pair()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	sent := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	failed := make(chan error, 1)
	go func() {
		n, err := ours.Write(sent)
		if err == nil && n != len(sent) {
			err = io.ErrShortWrite
		}
		failed <- errors.Join(err, ours.Close())
	}()
	got, err := io.ReadAll(struct{ io.Reader }{theirs})
	if err != nil || !bytes.Equal(got, sent) {
		t.Errorf("%d of %d octets came, %v", len(got), len(sent), err)
	}
	if err := <-failed; err != nil {
		t.Error(err)
	}
	if n, err := theirs.Read(got[:1]); n != 0 || err != io.EOF {
		t.Errorf("%d, %v", n, err)
	}
}

// Errors have the form of package net's, by which callers tell them.
func TestConn_errors(t *testing.T) {
	ours, _, stop, err := pair()
	if err != nil {
		t.Fatal(err)
	}
	stop()
	_, err = ours.Read(make([]byte, 1))
	var op *net.OpError
	if !errors.Is(err, net.ErrClosed) || !errors.As(err, &op) || op.Op != "read" || op.Addr == nil {
		t.Errorf("%#v", err)
	}
	if _, err = ours.Write([]byte("x")); !errors.Is(err, net.ErrClosed) || !errors.As(err, &op) || op.Op != "write" {
		t.Errorf("%#v", err)
	}
}

// Who need not wait does not.
func TestSocket_triesOnce(t *testing.T) {
	ours, theirs, stop, err := pair()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	s, ok := Of(ours)
	if !ok {
		t.Skip("this system has no sockets to try")
	}
	buf := make([]byte, 10)
	if n, err := s.TryRead(buf); n != 0 || err != ErrAgain {
		t.Errorf("read %d, %v of nothing", n, err)
	}
	for n := 1; n > 0 && err == nil; n, err = s.TryWrite(make([]byte, 1<<20)) {
	}
	if n, err := s.TryWrite(buf); n != 0 || err != nil {
		t.Errorf("wrote %d, %v to a full socket", n, err)
	}
	if err := theirs.Close(); err != nil { // with unread octets: a reset
		t.Fatal(err)
	}
	for err = ErrAgain; err == ErrAgain; {
		_, err = s.TryRead(buf)
	}
	if err == nil {
		t.Error("read from a connection that was reset")
	}
}

func TestWrap_leavesOthersAlone(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if Wrap(a) != a {
		t.Error("a pipe was wrapped")
	}
	if _, ok := Of(a); ok {
		t.Error("a pipe is a socket")
	}
}
