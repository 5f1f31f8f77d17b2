package proxy_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/infra/localalb/proxy"
	"github.com/sixseat/sixseat/infra/localalb/rules"
)

// oneGroup forwards everything to one group; idle timeout 60 s.
const oneGroup = `
resource "aws_lb" "main" {
  idle_timeout = 60
}
resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = var.certificate_arn
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.t.arn
  }
}
resource "aws_lb_target_group" "t" {
  port                 = 8080
  protocol             = "HTTP"
  target_type          = "ip"
  deregistration_delay = 30
  health_check {
    protocol            = "HTTP"
    port                = "traffic-port"
    path                = "/healthz"
    matcher             = "200"
    interval            = 5
    timeout             = 2
    healthy_threshold   = 3
    unhealthy_threshold = 2
  }
}
`

const targetAddress = "10.0.1.1:8080"

// front is a balancer for oneGroup on a network of its own.
type front struct {
	net *memnet
	lb  *proxy.Balancer
}

func newFront(t *testing.T, dial func(*memnet) func(context.Context, string, string) (net.Conn, error)) front {
	t.Helper()
	cfg, err := rules.Load(fstest.MapFS{"case.tf": {Data: []byte(oneGroup)}})
	if err != nil {
		t.Fatal(err)
	}
	n := newMemnet()
	lb, err := proxy.New(proxy.Options{
		Config: cfg, Listener: "aws_lb_listener.https", Dial: dial(n), Log: slog.New(slog.DiscardHandler),
		Targets: map[string][]string{"aws_lb_target_group.t": {targetAddress}},
	})
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, lb.Listener(n.listen(balancerAddress)), lb.Server())
	t.Cleanup(lb.Close)
	return front{n, lb}
}

func plainDial(n *memnet) func(context.Context, string, string) (net.Conn, error) { return n.dial }

// frontOf is a balancer with a target served by h.
func frontOf(t *testing.T, h http.HandlerFunc) front {
	t.Helper()
	f := newFront(t, plainDial)
	serveOn(t, f.net.listen(targetAddress), &http.Server{Handler: h})
	return f
}

// client is one raw connection to the balancer.
type client struct {
	net.Conn
	r *bufio.Reader
	t *testing.T
}

func (f front) connect(t *testing.T) client {
	t.Helper()
	conn, err := f.net.dialFrom(t.Context(), netip.MustParseAddr("203.0.113.7"), balancerAddress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return client{conn, bufio.NewReader(conn), t}
}

// send writes a request; "\n" stands for the line ends of HTTP.
func (c client) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, strings.ReplaceAll(text, "\n", "\r\n")); err != nil {
		c.t.Fatal(err)
	}
}

func (c client) response() *http.Response {
	c.t.Helper()
	res, err := http.ReadResponse(c.r, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return res
}

const (
	getRoot   = "GET / HTTP/1.1\nHost: a.example\n\n"
	upgrading = "GET /chat/ws HTTP/1.1\nHost: a.example\nConnection: Upgrade\nUpgrade: websocket\n\n"
)

// echoSocket accepts any upgrade and sends back what it gets.
func echoSocket(t *testing.T, closed chan<- time.Time) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Connection") != "Upgrade" {
			t.Errorf("target saw Connection %q, Upgrade %q", r.Header.Get("Connection"), r.Header.Get("Upgrade"))
		}
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		_, err = io.Copy(conn, rw)
		t.Logf("target's socket ended: %v", err)
		closed <- time.Now()
	}
}

func TestWebSocket_passesBytesAndIsCutOnBothSidesWhenIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := make(chan time.Time, 1)
		c := frontOf(t, echoSocket(t, closed)).connect(t)
		c.send(upgrading)
		if res := c.response(); res.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("status %d, want 101", res.StatusCode)
		}

		for range 5 { // 40 s is below the idle timeout of 60 s, each time anew
			synctestWait(40 * time.Second)
			c.send("ping")
			got := make([]byte, 4)
			if _, err := io.ReadFull(c.r, got); err != nil || string(got) != "ping" {
				t.Fatalf("echo %q, error %v", got, err)
			}
		}
		last := time.Now()

		_, err := c.r.ReadByte()
		if quiet := time.Since(last); err == nil || quiet != 60*time.Second {
			t.Errorf("client was cut after %v (error: %v), want 60s", quiet, err)
		}
		if quiet := (<-closed).Sub(last); quiet != 60*time.Second {
			t.Errorf("target was cut after %v, want 60s", quiet)
		}
	})
}

// synctestWait moves the bubble's fake clock; it must only be used in one.
func synctestWait(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestWebSocket_endsWhenEitherSideCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := make(chan time.Time, 1)
		c := frontOf(t, echoSocket(t, closed)).connect(t)
		c.send(upgrading)
		c.response()
		begin := time.Now()

		c.Close()

		if waited := (<-closed).Sub(begin); waited != 0 {
			t.Errorf("target's side ended %v after the client's", waited)
		}
	})
}

func TestWebSocket_refusalPassesAsANormalResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := frontOf(t, func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "not your room", http.StatusForbidden)
		}).connect(t)
		c.send(upgrading)
		if res := c.response(); res.StatusCode != http.StatusForbidden {
			t.Errorf("status %d, want 403", res.StatusCode)
		}
	})
}

func TestEventStream_arrivesAtOnceAndLivesOnComments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan struct{})
		c := frontOf(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for range 20 {
				fmt.Fprint(w, ": still here\n\n")
				if err := http.NewResponseController(w).Flush(); err != nil {
					t.Error(err)
				}
				<-time.After(15 * time.Second)
			}
			<-r.Context().Done()
			close(gone)
		}).connect(t)
		c.send(getRoot)
		res := c.response()
		body := bufio.NewReader(res.Body)
		begin := time.Now()
		for i := range 20 {
			if line, err := body.ReadString('\n'); err != nil || line != ": still here\n" {
				t.Fatalf("event %d: %q, %v", i, line, err)
			}
			if late := time.Since(begin) - time.Duration(i)*15*time.Second; late != 0 {
				t.Fatalf("event %d came %v late", i, late)
			}
			if _, err := body.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		last := time.Now()

		_, err := body.ReadByte()

		if quiet := time.Since(last); !errors.Is(err, io.ErrUnexpectedEOF) || quiet != 60*time.Second {
			t.Errorf("stream ended after %v with %v, want 60s and an unexpected end", quiet, err)
		}
		<-gone
	})
}

func TestExchange_clientThatTakesNothingIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan time.Time, 1)
		c := frontOf(t, func(w http.ResponseWriter, _ *http.Request) {
			// With a length httputil copies without a mutex, which would stop the bubble's clock.
			w.Header().Set("Content-Length", "1000000000")
			block := make([]byte, 64<<10)
			for {
				if _, err := w.Write(block); err != nil {
					gone <- time.Now()
					return
				}
			}
		}).connect(t)
		begin := time.Now()
		c.send(getRoot) // and never read

		if waited := (<-gone).Sub(begin); waited != 60*time.Second {
			t.Errorf("target was freed after %v, want 60s", waited)
		}
	})
}

func TestExchange_clientThatLeavesFreesTheTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, gone := make(chan struct{}), make(chan time.Time, 1)
		c := frontOf(t, func(_ http.ResponseWriter, r *http.Request) {
			close(asked)
			<-r.Context().Done()
			gone <- time.Now()
		}).connect(t)
		c.send(getRoot)
		<-asked
		begin := time.Now()

		c.Close()

		if waited := (<-gone).Sub(begin); waited != 0 {
			t.Errorf("target was freed after %v, want at once", waited)
		}
	})
}

func TestClose_cutsWhatIsOpen(t *testing.T) {
	for _, draining := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			closed := make(chan time.Time, 1)
			f := frontOf(t, echoSocket(t, closed))
			c := f.connect(t)
			c.send(upgrading)
			c.response()
			if draining {
				if err := f.lb.Deregister("aws_lb_target_group.t", targetAddress); err != nil {
					t.Fatal(err)
				}
			}
			begin := time.Now()

			f.lb.Close()

			if _, err := c.r.ReadByte(); err == nil || time.Since(begin) != 0 {
				t.Errorf("draining %t: client was cut after %v (error: %v)", draining, time.Since(begin), err)
			}
			<-closed
		})
	}
}
