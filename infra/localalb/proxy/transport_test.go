package proxy

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// aTarget answers on real sockets: each connection is handed to serve, with its number.
func aTarget(t *testing.T, serve func(n int, conn net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for n := 1; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(n, conn)
		}
	}()
	return l.Addr().String()
}

func newTestTransport(t *testing.T) *transport {
	tr := newTransport(new(net.Dialer).DialContext, time.Minute)
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

// ask sends a request and returns the answer's body.
func (tr *transport) ask(ctx context.Context, t *testing.T, method, address string, body io.Reader) string {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+address+"/", body)
	if err != nil {
		t.Fatal(err)
	}
	res, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (tr *transport) keeps(address string) []*targetConn {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.kept[address]
}

// until waits for a condition that the kernel brings about.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); {
		if time.Now().After(end) {
			t.Fatalf("after 10 s: still not so: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"

// A kept connection that its target has closed, or on which it said what nobody asked for,
// is found out before a request is lost on it.
func TestTransport_keptConnectionsThatAreNoGoodAreNotUsed(t *testing.T) {
	for what, after := range map[string]func(conn net.Conn){
		"closed":             func(conn net.Conn) { _ = conn.Close() },
		"something was said": func(conn net.Conn) { _, _ = conn.Write([]byte("HTTP/1.1 408 Too slow\r\n\r\n")) },
	} {
		t.Run(what, func(t *testing.T) {
			spoil := make(chan bool)
			address := aTarget(t, func(n int, conn net.Conn) {
				r := bufio.NewReader(conn)
				for {
					if _, err := http.ReadRequest(r); err != nil {
						return
					}
					if _, err := conn.Write([]byte(okAnswer + string(rune('0'+n)) + "!")); err != nil {
						return
					}
					if n == 1 {
						<-spoil
						after(conn)
					}
				}
			})
			tr := newTestTransport(t)
			if got := tr.ask(t.Context(), t, http.MethodGet, address, nil); got != "1!" {
				t.Fatalf("answer %q", got)
			}
			kept := slices.Clone(tr.keeps(address))
			if len(kept) != 1 || !kept[0].quiet() {
				t.Fatalf("%d connections are kept, want one that is quiet", len(kept))
			}
			close(spoil)
			until(t, "the connection is seen to be no good", func() bool {
				// quiet takes an octet of what was said, of which there are more.
				return !kept[0].quiet()
			})
			for range 2 { // and the second one is kept
				if got := tr.ask(t.Context(), t, http.MethodPost, address, strings.NewReader("body")); got != "2!" {
					t.Errorf("answer %q, want one of the second connection", got)
				}
				until(t, "the second connection is free", func() bool {
					free := tr.keeps(address)
					return len(free) == 1 && free[0] != kept[0]
				})
			}
		})
	}
}

// What comes with an answer and is not part of it must not be taken for the next one.
func TestTransport_octetsBehindAnAnswerEndTheConnection(t *testing.T) {
	address := aTarget(t, func(_ int, conn net.Conn) {
		r := bufio.NewReader(conn)
		for {
			if _, err := http.ReadRequest(r); err != nil {
				return
			}
			if _, err := conn.Write([]byte(okAnswer + "ok" + okAnswer + "no")); err != nil {
				return
			}
		}
	})
	tr := newTestTransport(t)
	for range 3 {
		if got := tr.ask(t.Context(), t, http.MethodGet, address, nil); got != "ok" {
			t.Fatalf("answer %q", got)
		}
		if n := len(tr.keeps(address)); n != 0 {
			t.Fatalf("%d connections are kept", n)
		}
	}
}

// A target may answer before it has the whole body. Then the rest is not sent, and nobody
// gets the connection.
func TestTransport_answerBeforeTheBodyIsThereEndsTheConnection(t *testing.T) {
	ended := make(chan error, 1)
	address := aTarget(t, func(_ int, conn net.Conn) {
		r := bufio.NewReader(conn)
		if _, err := http.ReadRequest(r); err != nil {
			ended <- err
			return
		}
		if _, err := conn.Write([]byte(okAnswer + "no")); err != nil {
			ended <- err
			return
		}
		_, err := io.Copy(io.Discard, r)
		ended <- err
	})
	tr := newTestTransport(t)
	body, client := io.Pipe()
	asking, end := context.WithCancel(t.Context())
	if got := tr.ask(asking, t, http.MethodPost, address, body); got != "no" {
		t.Errorf("answer %q", got)
	}
	if n := len(tr.keeps(address)); n != 0 {
		t.Errorf("%d connections are kept", n)
	}
	end()
	<-ended // of whatever kind the end is
	if n := len(tr.keeps(address)); n != 0 {
		t.Errorf("%d connections are kept after the request's end", n)
	}
	if err := client.Close(); err != nil {
		t.Error(err)
	}
}

// No more connections are kept than may be, and none once they were let go.
func TestTransport_keepsNoMoreThanItMay(t *testing.T) {
	address := aTarget(t, func(int, net.Conn) {})
	tr := newTestTransport(t)
	var all []*targetConn
	for range maxIdlePerTarget + 1 {
		c, err := tr.take(context.Background(), address)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	for _, c := range all {
		tr.keep(c)
	}
	if n := len(tr.keeps(address)); n != maxIdlePerTarget {
		t.Errorf("%d connections are kept, want %d", n, maxIdlePerTarget)
	}
	if _, err := all[maxIdlePerTarget].Write([]byte("x")); err == nil {
		t.Error("the one too many is open")
	}
	tr.CloseIdleConnections()
	if n := len(tr.keeps(address)); n != 0 {
		t.Errorf("%d connections are kept after all were let go", n)
	}
	if _, err := all[0].Write([]byte("x")); err == nil {
		t.Error("one that was let go is open")
	}
}

// Of a target whose connections nobody needs any more nothing is left, not even its address.
func TestTransport_forgetsTargetsThatNobodyAsks(t *testing.T) {
	address := aTarget(t, func(int, net.Conn) {})
	tr := newTransport(new(net.Dialer).DialContext, time.Millisecond)
	c, err := tr.take(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	tr.keep(c)
	until(t, "the address is forgotten", func() bool {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		return len(tr.kept) == 0
	})
	if _, err := c.Write([]byte("x")); err == nil {
		t.Error("the connection is open")
	}
}

// Nor is anything left of one whose only connection is in use.
func TestTransport_forgetsTargetsWhoseConnectionsAreInUse(t *testing.T) {
	address := aTarget(t, func(_ int, conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }) // until it is closed
	tr := newTestTransport(t)
	c, err := tr.take(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	tr.keep(c)
	again, err := tr.take(t.Context(), address)
	if err != nil || again != c {
		t.Fatalf("another connection, or none: %v", err)
	}
	if n := len(tr.kept); n != 0 {
		t.Errorf("%d addresses are remembered", n)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// A target may take up another protocol before it has the whole body, which goes on its way.
func TestTransport_switchingProtocolsWhileTheBodyIsSent(t *testing.T) {
	got := make(chan string, 1)
	address := aTarget(t, func(_ int, conn net.Conn) {
		defer conn.Close()
		r := bufio.NewReader(conn)
		req, err := http.ReadRequest(r)
		if err != nil {
			got <- err.Error()
			return
		}
		if _, err := conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")); err != nil {
			got <- err.Error()
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			got <- err.Error()
			return
		}
		got <- string(body)
	})
	tr := newTestTransport(t)
	body, client := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	res, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("status %d", res.StatusCode)
	}
	if _, err := io.WriteString(client, "the body"); err != nil {
		t.Error(err)
	}
	if err := client.Close(); err != nil {
		t.Error(err)
	}
	if text := <-got; text != "the body" {
		t.Errorf("the target got %q", text)
	}
}

// A request that cannot be sent as it is will not be answered: nobody waits for that.
func TestTransport_requestThatCannotBeSentFailsAtOnce(t *testing.T) {
	address := aTarget(t, func(_ int, conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	tr := newTestTransport(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/", strings.NewReader("short"))
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = 10
	failed := make(chan error, 1)
	go func() {
		_, err := tr.RoundTrip(req)
		failed <- err
	}()
	select {
	case err := <-failed:
		if err == nil {
			t.Error("it was answered")
		}
	case <-time.After(10 * time.Second):
		t.Error("after 10 s it is still waited for an answer")
	}
	if n := len(tr.keeps(address)); n != 0 {
		t.Errorf("%d connections are kept", n)
	}
}
