package proxy_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// rawTarget answers each connection by hand.
func (f front) rawTarget(t *testing.T, serve func(net.Conn)) {
	t.Helper()
	l := f.net.listen(targetAddress)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // the listener was closed
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
}

// readRequest takes one request off a connection and tells whether there was one.
func readRequest(r *bufio.Reader) bool {
	_, err := http.ReadRequest(r)
	return err == nil
}

func TestFailure_statusesOfTheLoadBalancer(t *testing.T) {
	whole := fmt.Sprintf("POST / HTTP/1.1\nHost: a.example\nContent-Length: %d\n\n%s", 100<<10, strings.Repeat("x", 100<<10))
	post := "POST / HTTP/1.1\nHost: a.example\nContent-Length: 10\n\nhalf"
	cases := []struct {
		name    string
		request string
		target  func(net.Conn) // after the request's header has come
		want    int
		after   time.Duration
	}{
		{"closed without an answer", getRoot, func(net.Conn) {}, 502, 0},
		{"no HTTP", getRoot, func(c net.Conn) { fmt.Fprint(c, "SSH-2.0-OpenSSH\r\n\r\n") }, 502, 0},
		{"answer header over 32 K", getRoot, func(c net.Conn) {
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nX: %s\r\n\r\n", strings.Repeat("x", 40<<10))
		}, 502, 0},
		{"silent", getRoot, func(c net.Conn) { waitClosed(c) }, 504, 60 * time.Second},
		{"client stops in its body", post, func(c net.Conn) { waitClosed(c) }, 408, 60 * time.Second},
		{"target takes no body", whole, func(net.Conn) { <-time.After(61 * time.Second) }, 504, 60 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFront(t, plainDial)
				f.rawTarget(t, func(conn net.Conn) {
					if readRequest(bufio.NewReader(conn)) {
						c.target(conn)
					}
				})
				client := f.connect(t)
				begin := time.Now()
				go io.WriteString(client, strings.ReplaceAll(c.request, "\n", "\r\n")) // it may not be taken to its end
				res := client.response()
				if took := time.Since(begin); res.StatusCode != c.want || took != c.after {
					t.Errorf("status %d after %v, want %d after %v", res.StatusCode, took, c.want, c.after)
				}
				if got := res.Header.Get("Server"); got != "awselb/2.0" {
					t.Errorf("Server %q, want the load balancer's own", got)
				}
				synctestWait(2 * time.Second) // the target that takes no body ends
			})
		})
	}
}

func waitClosed(c net.Conn) {
	for buf := make([]byte, 1); ; {
		if _, err := c.Read(buf); err != nil {
			return
		}
	}
}

func TestFailure_targetThatDoesNotAcceptIs504After10Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFront(t, func(*memnet) func(context.Context, string, string) (net.Conn, error) {
			return func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
		})
		c := f.connect(t)
		begin := time.Now()
		c.send(getRoot)
		res := c.response()
		if took := time.Since(begin); res.StatusCode != http.StatusGatewayTimeout || took != 10*time.Second {
			t.Errorf("status %d after %v, want 504 after 10s", res.StatusCode, took)
		}
	})
}

func TestFailure_keptConnectionThatBreaksIs502AndNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0 // only one connection is open at a time
		f := newFront(t, plainDial)
		f.rawTarget(t, func(conn net.Conn) {
			r := bufio.NewReader(conn)
			for readRequest(r) {
				if requests++; requests%2 == 0 {
					return
				}
				fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			}
		})
		c := f.connect(t)
		const keyed = "POST / HTTP/1.1\nHost: a.example\nContent-Length: 0\nIdempotency-Key: 1\n\n"
		for i, want := range []int{200, 502, 200, 502, 200} {
			c.send([]string{getRoot, getRoot, getRoot, keyed, keyed}[i])
			res := c.response()
			if err := res.Body.Close(); err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != want || requests != i+1 {
				t.Errorf("request %d: status %d, target saw %d requests; want %d and %d", i+1, res.StatusCode, requests, want, i+1)
			}
			synctest.Wait()
		}
	})
}

func TestAnswer_doesNotWaitForABodyNobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFront(t, plainDial) // nobody listens on the target: 502
		c := f.connect(t)
		begin := time.Now()
		c.send("POST / HTTP/1.1\nHost: a.example\nContent-Length: 1000\n\n")
		res := c.response()
		if took := time.Since(begin); res.StatusCode != http.StatusBadGateway || !res.Close || took != 0 {
			t.Errorf("status %d, close %t after %v; want 502, true, at once", res.StatusCode, res.Close, took)
		}
	})
}

func TestClientKeepAlive_lastAnswerClosesAnOldConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := frontOf(t, func(http.ResponseWriter, *http.Request) {}).connect(t)
		begin := time.Now()
		for {
			c.send(getRoot)
			res := c.response()
			if err := res.Body.Close(); err != nil {
				t.Fatal(err)
			}
			if res.Close {
				break
			}
			synctestWait(50 * time.Second)
		}
		if age := time.Since(begin); age < time.Hour || age > time.Hour+time.Minute {
			t.Errorf("connection was closed after %v, want the default client_keep_alive of 1h", age)
		}
	})
}

func TestClientKeepAlive_leavesAWebSocketAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := make(chan time.Time, 1)
		c := frontOf(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Upgrade") != "" {
				echoSocket(t, closed)(w, r)
			}
		}).connect(t)
		for begin := time.Now(); time.Since(begin) <= time.Hour; synctestWait(50 * time.Second) {
			c.send(getRoot)
			c.response()
		}

		c.send(upgrading)

		if got := c.response().Header.Values("Connection"); len(got) != 1 || got[0] != "Upgrade" {
			t.Errorf("Connection %q, want Upgrade", got)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		<-closed // the target logs its end
	})
}

// A 101 without a protocol opens no tunnel past the rules; interim answers may be as many as
// the target likes.
func TestFailure_interimAnswersOpenNothingAndDoNotAddUp(t *testing.T) {
	for answer, want := range map[string]int{
		"HTTP/1.1 101 Switching Protocols\r\n\r\n": http.StatusBadGateway,
		strings.Repeat("HTTP/1.1 102 Processing\r\nX-Padding: "+strings.Repeat("x", 4000)+"\r\n\r\n", 10) +
			"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n": http.StatusOK,
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFront(t, plainDial)
			f.rawTarget(t, func(conn net.Conn) {
				if readRequest(bufio.NewReader(conn)) {
					fmt.Fprint(conn, answer)
				}
			})
			c := f.connect(t)
			c.send(getRoot)
			res := c.response()
			for res.StatusCode == http.StatusProcessing {
				res = c.response()
			}
			if res.StatusCode != want {
				t.Errorf("status %d, want %d", res.StatusCode, want)
			}
		})
	}
}
