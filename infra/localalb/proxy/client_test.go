package proxy_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/infra/localalb/proxy"
	"github.com/sixseat/sixseat/infra/localalb/rules"
)

func TestClient_thatSaysNothingGets408WhenTheIdleTimeoutIsOver(t *testing.T) {
	for _, said := range []string{"", "G", "GET / HTTP/1.1\nHost: a.ex"} {
		synctest.Test(t, func(t *testing.T) {
			c := frontOf(t, func(http.ResponseWriter, *http.Request) {}).connect(t)
			begin := time.Now()
			c.send(said)
			res := c.response()
			if took := time.Since(begin); res.StatusCode != http.StatusRequestTimeout || took != 60*time.Second {
				t.Errorf("after %q: status %d after %v, want 408 after 60s", said, res.StatusCode, took)
			}
			if got := res.Header.Get("Server"); got != "awselb/2.0" || !res.Close {
				t.Errorf("after %q: Server %q, close %t", said, got, res.Close)
			}
		})
	}
}

func TestClient_keptConnectionEndsWithoutAWordUnlessARequestHasBegun(t *testing.T) {
	for said, want := range map[string]int{"": 0, "GET /": http.StatusRequestTimeout} {
		synctest.Test(t, func(t *testing.T) {
			c := frontOf(t, func(http.ResponseWriter, *http.Request) {}).connect(t)
			c.send(getRoot)
			c.response()
			synctestWait(30 * time.Second)
			begin := time.Now()
			if said != "" {
				c.send(said)
			}
			res, err := http.ReadResponse(c.r, nil)
			got := 0
			if err == nil {
				got = res.StatusCode
			}
			// net/http gives a request that has begun its whole time for the header.
			if took := time.Since(begin); got != want || (said == "" && took != 30*time.Second) || (said != "" && took != 60*time.Second) {
				t.Errorf("after %q: status %d after %v, want %d", said, got, took, want)
			}
		})
	}
}

func TestWebSocket_bytesRightBehindTheRequestArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := frontOf(t, echoSocket(t, make(chan time.Time, 1))).connect(t)
		c.send(upgrading + "early")
		c.response()
		c.send("late")
		got := make([]byte, len("earlylate"))
		if _, err := io.ReadFull(c.r, got); err != nil || string(got) != "earlylate" {
			t.Errorf("echo %q, error %v", got, err)
		}
	})
}

// logged is a balancer with an access log.
func logged(t *testing.T, target http.HandlerFunc) (front, *bytes.Buffer) {
	t.Helper()
	cfg, err := rules.Load(fstest.MapFS{"case.tf": {Data: []byte(oneGroup)}})
	if err != nil {
		t.Fatal(err)
	}
	n, log := newMemnet(), new(bytes.Buffer)
	lb, err := proxy.New(proxy.Options{
		Config: cfg, Listener: "aws_lb_listener.https", Dial: n.dial, AccessLog: log, Log: slog.New(slog.DiscardHandler),
		Targets: map[string][]string{"aws_lb_target_group.t": {targetAddress}},
	})
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, lb.Listener(n.listen(balancerAddress)), lb.Server())
	serveOn(t, n.listen(targetAddress), &http.Server{Handler: target})
	t.Cleanup(lb.Close)
	return front{n, lb}, log
}

// fields takes the only line of a log apart; no field in it holds a space in quotes
// before the 13th.
func fields(t *testing.T, log *bytes.Buffer) []string {
	t.Helper()
	synctest.Wait()
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	f := strings.Split(lines[0], " ")
	if len(lines) != 1 || len(f) < 12 {
		t.Fatalf("log %q, want one line", log.String())
	}
	return f
}

func TestAccessLog_webSocketIsOneLineAtItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, log := logged(t, echoSocket(t, make(chan time.Time, 1)))
		c := f.connect(t)
		c.send(upgrading)
		c.response()
		for range 3 {
			c.send("0123456789")
			if _, err := io.ReadFull(c.r, make([]byte, 10)); err != nil {
				t.Fatal(err)
			}
			synctestWait(time.Second)
		}
		if log.Len() != 0 {
			t.Errorf("log before the end: %q", log)
		}

		c.Close()

		got := fields(t, log)
		const handshake = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
		received := len(strings.ReplaceAll(upgrading, "\n", "\r\n")) + 30
		want := fmt.Sprintf("ws 203.0.113.7:40001 10.0.1.1:8080 0.000 0.000 0.000 101 101 %d %d", received, len(handshake)+30)
		if line := strings.Join(append(got[:1:1], got[3:12]...), " "); line != want {
			t.Errorf("log %q, want %q", line, want)
		}
	})
}

func TestAccessLog_clientsThatLeave(t *testing.T) {
	cases := []struct{ name, request, want string }{
		{"before the answer: 460", getRoot, "0.000 -1 -1 460 -"},
		{"in the middle of its body: 400", "POST / HTTP/1.1\nHost: a.example\nContent-Length: 10\n\nhalf", "0.000 -1 -1 400 -"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, log := logged(t, func(_ http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					<-r.Context().Done()
				})
				conn := f.connect(t)
				conn.send(c.request)
				synctest.Wait()
				conn.Close()
				if got := strings.Join(fields(t, log)[5:10], " "); got != c.want {
					t.Errorf("log %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestMetrics_countWhatCloudWatchShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := frontOf(t, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/missing":
				w.WriteHeader(http.StatusNotFound)
			case "/slow":
				<-time.After(100 * time.Millisecond)
			case "/gone":
				panic(http.ErrAbortHandler)
			}
		})
		c := f.connect(t)
		for _, path := range []string{"/", "/missing", "/slow", "/gone", "/../"} {
			c.send("GET " + path + " HTTP/1.1\nHost: a.example\n\n")
			if _, err := io.Copy(io.Discard, c.response().Body); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		w := httptest.NewRecorder()
		f.lb.Admin().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		for _, want := range []string{
			`localalb_client_connections_open 1`,
			`localalb_client_connections_total 1`,
			`localalb_own_responses_total{status="400"} 1`,
			`localalb_own_responses_total{status="502"} 1`,
			`localalb_target_failures_total{target_group="aws_lb_target_group.t"} 1`,
			`localalb_target_responses_total{class="2xx",target_group="aws_lb_target_group.t"} 2`,
			`localalb_target_responses_total{class="4xx",target_group="aws_lb_target_group.t"} 1`,
			`localalb_target_response_seconds_bucket{target_group="aws_lb_target_group.t",le="0.05"} 2`,
			`localalb_target_response_seconds_bucket{target_group="aws_lb_target_group.t",le="0.1"} 3`,
			`localalb_targets{state="initial",target_group="aws_lb_target_group.t"} 1`,
			`localalb_target_open{target_group="aws_lb_target_group.t"} 0`,
			`localalb_received_bytes_total ` + fmt.Sprint(5*len("GET / HTTP/1.1rnHost: a.examplernrn")+len("missing")+len("slow")+len("gone")+len("../")),
		} {
			if !strings.Contains(w.Body.String(), want+"\n") {
				t.Errorf("no %s in\n%s", want, w.Body)
			}
		}
	})
}

// openConnections fails unless so many connections of clients are counted.
func openConnections(t *testing.T, f front, want int) {
	t.Helper()
	synctest.Wait()
	w := httptest.NewRecorder()
	f.lb.Admin().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if line := fmt.Sprintf("\nlocalalb_client_connections_open %d\n", want); !strings.Contains(w.Body.String(), line) {
		t.Errorf("no %q in\n%s", line, w.Body)
	}
}

func TestMetrics_openConnectionsAreLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := frontOf(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Upgrade") != "" {
				echoSocket(t, make(chan time.Time, 1))(w, r)
			}
		})
		request, socket := f.connect(t), f.connect(t)
		request.send(getRoot)
		request.response()
		socket.send(upgrading)
		socket.response()
		openConnections(t, f, 2)
		socket.Close()
		openConnections(t, f, 1)
		request.Close()
		openConnections(t, f, 0)
	})
}

func TestFailure_switchingProtocolsThatNobodyAskedForIsA502LikeAnyOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		let := make(chan struct{})
		f, log := logged(t, upgraded(t, func(conn io.ReadWriter) {
			_, _ = io.Copy(io.Discard, conn)
			close(let)
		}))
		c := f.connect(t)
		c.send(getRoot)
		if res := c.response(); res.StatusCode != http.StatusBadGateway {
			t.Errorf("status %d, want 502", res.StatusCode)
		} else if _, err := io.Copy(io.Discard, res.Body); err != nil {
			t.Error(err)
		}
		openConnections(t, f, 1)
		select {
		case <-let:
		default:
			t.Error("the target's connection is still open")
		}
		c.Close()
		openConnections(t, f, 0)
		if got := fields(t, log)[0]; got != "http" {
			t.Errorf("in the log it is %q, want http", got)
		}
	})
}
