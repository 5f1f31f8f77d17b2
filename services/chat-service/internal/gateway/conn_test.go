package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/rawsock"
)

// onSockets runs a test where writes that are to go on are waited for by the poller, and where
// each waits by itself.
func onSockets(t *testing.T, test func(t *testing.T, c *conn, peer net.Conn)) {
	t.Helper()
	for name, watched := range map[string]bool{"watched": true, "waiting": false} {
		t.Run(name, func(t *testing.T) {
			pair := socketPair
			if watched {
				pair = watchedPair
			}
			c, peer := pair(t)
			test(t, c, peer)
		})
	}
}

// socketPair is a conn without a session on a real socket with small buffers, and its peer.
func socketPair(t *testing.T) (*conn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
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
	if err := ours.(*net.TCPConn).SetWriteBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	if err := peer.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	socket, _ := rawsock.Of(ours)
	c := &conn{net: &heard{Conn: ours, now: time.Now, socket: socket}, ctx: ctx, cancel: cancel, now: time.Now, log: slog.New(slog.DiscardHandler)}
	return c, peer
}

// watchedPair is one for which the poller waits.
func watchedPair(t *testing.T) (*conn, net.Conn) {
	t.Helper()
	c, peer := socketPair(t)
	if err := c.net.watch(func() {}, c.writable); err != nil {
		t.Fatal(err)
	}
	if c.net.watched == nil {
		t.Skip("this system watches no sockets")
	}
	t.Cleanup(c.net.forget)
	return c, peer
}

// What a socket does not take at once is drained behind it, in order and whole, with pongs
// between frames and never inside one.
func TestConn_aFullSocketKeepsTheOrder(t *testing.T) { onSockets(t, aFullSocketKeepsTheOrder) }

func aFullSocketKeepsTheOrder(t *testing.T, c *conn, peer net.Conn) {
	if c.net.socket == nil {
		t.Skip("this system writes nothing without waiting")
	}
	var want bytes.Buffer
	for i := 0; c.queued() < maxOutbox/2; i++ {
		frame := bytes.Repeat(fmt.Appendf(nil, "%05d.", i), 500)
		c.send(frame)
		want.Write(frame)
		if c.queued() < maxOffered/2 {
			payload := fmt.Appendf(nil, "pong%d", i)
			c.pong(payload)
			want.Write(controlFrame(pongFrame, payload))
		}
	}
	if c.offer(make([]byte, maxOffered)) {
		t.Error("what may be missed was queued behind a full socket")
	}

	got := make([]byte, want.Len())
	if _, err := io.ReadFull(peer, got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("the octets came in another order than they were sent")
	}
	c.mu.Lock()
	for c.draining {
		c.await(t.Context())
	}
	c.mu.Unlock()
	c.send([]byte("at once"))
	if _, err := io.ReadFull(peer, got[:7]); err != nil || string(got[:7]) != "at once" {
		t.Errorf("%q, %v", got[:7], err)
	}
}

// What is said to a corked socket goes out behind what was there, in one write, and a Close
// from elsewhere behind that.
func TestConn_corkedFramesGoTogether(t *testing.T) { onSockets(t, corkedFramesGoTogether) }

func corkedFramesGoTogether(t *testing.T, c *conn, peer net.Conn) {
	c.send([]byte("before "))
	c.cork()
	c.send([]byte("message "))
	c.offer([]byte("event "))
	c.send([]byte("receipt"))
	if n := c.queued(); n != len("message event receipt") {
		t.Errorf("%d octets wait", n)
	}
	closed := make(chan struct{})
	go func() { c.answerClose(nil); close(closed) }()
	c.mu.Lock()
	for !c.closed {
		c.mu.Unlock()
		runtime.Gosched()
		c.mu.Lock()
	}
	c.mu.Unlock()
	select {
	case <-closed:
		t.Error("the socket would be closed before what waits is written")
	default:
	}
	c.uncork()
	<-closed
	if err := c.net.Close(); err != nil {
		t.Fatal(err)
	}
	want := "before message event receipt" + string(controlFrame(closeFrame, nil))
	if got, err := io.ReadAll(peer); err != nil || string(got) != want {
		t.Errorf("%q, %v", got, err)
	}
}

// A corked socket that falls behind is told goodbye like any other, after whatever the two
// ends' systems took.
func TestConn_aCorkedSocketIsBounded(t *testing.T) { onSockets(t, aCorkedSocketIsBounded) }

func aCorkedSocketIsBounded(t *testing.T, c *conn, _ net.Conn) {
	const ceiling = 64 << 20 // far more than a socket's buffers take
	c.cork()
	sent := 0
	for ; sent < ceiling && c.saidGoodbye() == 0; sent += maxOutbox / 2 {
		c.send(make([]byte, maxOutbox/2))
		if n := c.queued(); n > maxOutbox {
			t.Fatalf("%d octets wait, at most %d may", n, maxOutbox)
		}
	}
	if c.saidGoodbye() != fault.CloseTooSlow {
		t.Errorf("of %d octets %d wait, goodbye %d", sent, c.queued(), c.saidGoodbye())
	}
	c.uncork()
}

// Nothing follows the answer to the peer's Close, whoever still has something to say.
func TestConn_nothingFollowsAClose(t *testing.T) { onSockets(t, nothingFollowsAClose) }

func nothingFollowsAClose(t *testing.T, c *conn, peer net.Conn) {
	c.answerClose(nil)
	c.send([]byte("late"))
	c.offer([]byte("too late"))
	c.answerClose(nil)
	if err := c.net.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(peer); err != nil || !bytes.Equal(got, []byte{closeFrame, 0}) {
		t.Errorf("%q, %v; want the Close alone", got, err)
	}
}

// A socket that is gone ends its session at the next write.
func TestConn_aBrokenSocketEndsTheSession(t *testing.T) { onSockets(t, aBrokenSocketEndsTheSession) }

func aBrokenSocketEndsTheSession(t *testing.T, c *conn, _ net.Conn) {
	if err := c.net.Close(); err != nil {
		t.Fatal(err)
	}
	c.send([]byte("x"))
	if !c.over() {
		t.Error("the session goes on")
	}
}

// A goodbye waits for what the socket does not take yet, and the Close is the last.
func TestConn_aGoodbyeBehindAFullSocket(t *testing.T) {
	onSockets(t, func(t *testing.T, c *conn, peer net.Conn) {
		var want bytes.Buffer
		for i := 0; c.queued() < maxOutbox/2; i++ {
			frame := bytes.Repeat(fmt.Appendf(nil, "%05d.", i), 500)
			c.send(frame)
			want.Write(frame)
		}
		c.close([]byte("last"), 1012, "bye")
		c.send([]byte("late"))
		want.WriteString("last")
		want.Write(controlFrame(closeFrame, closePayload(1012, "bye")))
		select {
		case <-c.left():
			t.Error("the Close is said before what waits is written")
		default:
		}
		got := make([]byte, want.Len())
		if _, err := io.ReadFull(peer, got); err != nil {
			t.Fatal(err)
		}
		<-c.left()
		if !bytes.Equal(got, want.Bytes()) {
			t.Error("the octets are others than were sent")
		}
		c.cancel()
		if err := c.net.Close(); err != nil {
			t.Fatal(err)
		}
		if rest, err := io.ReadAll(peer); err != nil || len(rest) > 0 {
			t.Errorf("%q behind the Close, %v", rest, err)
		}
	})
}

// A socket that takes nothing is given up when one frame has waited for writeTimeout, and one
// that takes something now and then is not.
func TestConn_aSocketIsStuckByTheFrame(t *testing.T) {
	c, peer := watchedPair(t)
	now := time.Now()
	c.now = func() time.Time { return now }
	if c.stuck(now.Add(time.Hour)) {
		t.Error("a socket on which nothing waits is stuck")
	}
	sent := 0
	for ; c.queued() < maxOutbox/2; sent += 4 << 10 {
		c.send(make([]byte, 4<<10))
	}
	for !c.stuck(now.Add(writeTimeout)) { // whoever drains finds the socket full
		runtime.Gosched()
	}
	if c.stuck(now.Add(writeTimeout - 1)) {
		t.Error("stuck too early")
	}
	if c.expire(); c.over() {
		t.Error("cut too early")
	}
	if _, err := io.CopyN(io.Discard, peer, int64(sent)); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	for c.draining {
		c.await(t.Context())
	}
	c.mu.Unlock()
	if c.stuck(now.Add(time.Hour)) {
		t.Error("a socket that has taken all is stuck")
	}
}

// Who takes nothing of a frame for writeTimeout is cut: the timer runs by the real clock, and
// says by the connection's that the time is over, as it does at once where that runs ahead.
func TestConn_aStuckSocketIsCut(t *testing.T) {
	c, _ := watchedPair(t)
	var ahead atomic.Int64
	c.now = func() time.Time { return time.Now().Add(time.Duration(ahead.Add(int64(writeTimeout)))) }
	for c.queued() < maxOutbox/2 && !c.over() {
		c.send(make([]byte, 4<<10))
	}
	<-c.ctx.Done()
}

// A commit of many posts is told to its author while the socket is corked, all at once: more
// than an outbox, for somebody who reads.
func TestConn_aCorkIsNoSlowReader(t *testing.T) {
	c, peer := watchedPair(t)
	if err := c.net.Conn.(*net.TCPConn).SetWriteBuffer(2 * maxOutbox); err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	c.cork()
	for i := 0; want.Len() < 2*maxOutbox; i++ {
		frame := bytes.Repeat(fmt.Appendf(nil, "%05d.", i), 100)
		c.send(frame)
		want.Write(frame)
	}
	c.uncork()
	got := make([]byte, want.Len())
	if _, err := io.ReadFull(peer, got); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("the peer reads other octets than were sent, %v, goodbye %d", err, c.saidGoodbye())
	}
}

// What waits for a socket is forgotten with it.
func TestConn_nothingWaitsForAClosedSocket(t *testing.T) {
	c, _ := watchedPair(t)
	for c.queued() < maxOutbox/2 {
		c.send(make([]byte, 4<<10))
	}
	for !c.waits.Load() {
		runtime.Gosched()
	}
	c.cancel()
	if err := c.net.Close(); err != nil {
		t.Fatal(err)
	}
	c.claim()
	if c.later([]byte("x")); c.waits.Load() || c.rest != nil {
		t.Error("something waits for a socket that is closed")
	}
}
