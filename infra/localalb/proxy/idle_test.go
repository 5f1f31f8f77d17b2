package proxy_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

const silence = 40 * time.Second // below the idle timeout of 60 s; twice of it is above

// upgraded answers an upgrade and leaves the connection to use.
func upgraded(t *testing.T, use func(conn io.ReadWriter)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		use(struct {
			io.Reader
			io.Writer
		}{rw, conn})
	}
}

func wantBytes(t *testing.T, r io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(r, got); err != nil || string(got) != want {
		t.Errorf("got %q, error %v; want %q", got, err, want)
	}
}

// Only one side speaks, a byte each 40 s: that is enough.
func TestIdle_aByteOfEitherSideBeginsItAnew(t *testing.T) {
	speak := func(w io.Writer) {
		for _, b := range "abc" {
			<-time.After(silence)
			fmt.Fprintf(w, "%c", b)
		}
	}
	cases := []struct {
		name   string
		target func(t *testing.T) http.HandlerFunc
		client func(t *testing.T, c client)
	}{
		{"target of a WebSocket", func(t *testing.T) http.HandlerFunc {
			return upgraded(t, func(conn io.ReadWriter) { speak(conn) })
		}, func(t *testing.T, c client) {
			c.send(upgrading)
			c.response()
			wantBytes(t, c.r, "abc")
		}},
		{"client of a WebSocket", func(t *testing.T) http.HandlerFunc {
			return upgraded(t, func(conn io.ReadWriter) {
				wantBytes(t, conn, "abc")
				fmt.Fprint(conn, "thanks")
			})
		}, func(t *testing.T, c client) {
			c.send(upgrading)
			c.response()
			speak(c)
			wantBytes(t, c.r, "thanks")
		}},
		{"client that sends a body", func(t *testing.T) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				wantBytes(t, r.Body, "abc")
				fmt.Fprint(w, "thanks")
			}
		}, func(t *testing.T, c client) {
			c.send("POST / HTTP/1.1\nHost: a.example\nContent-Length: 3\n\n")
			speak(c)
			wantBytes(t, c.response().Body, "thanks")
		}},
		{"target of an answer", func(t *testing.T) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "10000")
				if err := http.NewResponseController(w).Flush(); err != nil {
					t.Error(err)
				}
				<-time.After(silence)
				w.Write(bytes.Repeat([]byte("x"), 10000))
			}
		}, func(t *testing.T, c client) {
			c.send(getRoot)
			<-time.After(2 * silence)
			wantBytes(t, c.response().Body, string(bytes.Repeat([]byte("x"), 10000)))
		}},
		{"client that takes an answer", func(t *testing.T) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "10001")
				w.Write(bytes.Repeat([]byte("x"), 10000)) // more than net/http keeps back
				<-time.After(2 * silence)
				fmt.Fprint(w, "!")
			}
		}, func(t *testing.T, c client) {
			c.send(getRoot)
			<-time.After(silence)
			wantBytes(t, c.response().Body, string(bytes.Repeat([]byte("x"), 10000))+"!")
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.client(t, frontOf(t, c.target(t)).connect(t))
			})
		})
	}
}

// A client that reads no frame keeps nothing busy for longer than the idle timeout.
func TestWebSocket_clientThatTakesNothingIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := frontOf(t, upgraded(t, func(conn io.ReadWriter) {
			for frame := make([]byte, 64<<10); ; {
				if _, err := conn.Write(frame); err != nil {
					return
				}
			}
		}))
		c := f.connect(t)
		c.send(upgrading)
		c.response()
		open := func() int {
			synctest.Wait()
			return f.lb.Status()[0].Targets[0].Open
		}
		<-time.After(59 * time.Second)
		if got := open(); got != 1 {
			t.Errorf("%d open before the idle timeout, want 1", got)
		}
		<-time.After(time.Second)
		if got := open(); got != 0 {
			t.Errorf("%d open after the idle timeout, want none", got)
		}
	})
}

func TestIdle_anInterimAnswerBeginsItAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := frontOf(t, func(w http.ResponseWriter, _ *http.Request) {
			for range 3 {
				<-time.After(silence)
				w.WriteHeader(http.StatusProcessing)
			}
		}).connect(t)
		c.send(getRoot)
		for _, want := range []int{102, 102, 102, 200} {
			if got := c.response().StatusCode; got != want {
				t.Errorf("status %d, want %d", got, want)
			}
		}
	})
}

func TestIdle_keptConnectionToATargetEndsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFront(t, plainDial)
		ended := make(chan time.Time, 1)
		f.rawTarget(t, func(conn net.Conn) {
			for r := bufio.NewReader(conn); readRequest(r); {
				fmt.Fprint(conn, "HTTP/1.1 204 No Content\r\n\r\n")
			}
			ended <- time.Now()
		})
		c := f.connect(t)
		c.send(getRoot)
		c.response()
		begin := time.Now()
		if idle := (<-ended).Sub(begin); idle != 60*time.Second {
			t.Errorf("it was closed after %v, want 60s", idle)
		}
	})
}
