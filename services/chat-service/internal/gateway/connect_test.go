package gateway

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/limit"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

func TestUpgrade_picksTheHighestSubprotocol(t *testing.T) {
	for offered, want := range map[string]string{
		"":                                "",
		"v10.stomp":                       "v10.stomp",
		"v10.stomp, v11.stomp, v12.stomp": "v12.stomp", // webstomp-client's order
		"v12.stomp,v11.stomp":             "v12.stomp",
		"mqtt, v11.stomp":                 "v11.stomp",
		"V12.STOMP":                       "V12.STOMP", // one of the offered, or none (RFC 6455 section 4.2.2)
		"mqtt":                            "",
	} {
		bubble(t, 0, func(w *world) {
			header := http.Header{}
			if offered != "" {
				header.Set("Sec-WebSocket-Protocol", offered)
			}
			c, resp := stomptest.Dial(w, w.dialTo(), "/chat/ws", header)
			if c == nil || c.Protocol != want {
				w.Fatalf("offered %q: got %q, %s; want %q", offered, resp.Header.Get("Sec-WebSocket-Protocol"), resp.Status, want)
			}
			w.login(c.Listen(), 1) // whatever was agreed, CONNECT decides
		})
	}
}

func TestUpgrade_theOriginalAddressIsTheSame(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c, resp := stomptest.Dial(w, w.dialTo(), "/ws", nil)
		if c == nil {
			w.Fatal(resp.Status)
		}
		w.login(c.Listen(), 1)
	})
}

func TestUpgrade_refusalsAreProblems(t *testing.T) {
	for _, c := range []struct {
		what   string
		header []string
		status int
	}{
		{"a plain GET", nil, http.StatusBadRequest},
		{"another protocol", []string{"Connection", "Upgrade", "Upgrade", "h2c"}, http.StatusBadRequest},
		{"an old WebSocket", []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "8", "Sec-WebSocket-Key", "x"}, http.StatusBadRequest},
		{"no key", []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13"}, http.StatusBadRequest},
		{"a foreign origin", []string{"Origin", "https://evil.example", "Connection", "Upgrade", "Upgrade", "websocket"}, http.StatusForbidden},
		{"the origin null", []string{"Origin", "null"}, http.StatusForbidden},
	} {
		bubble(t, 0, func(w *world) {
			r := httptest.NewRequest(http.MethodGet, "http://chat.test/chat/ws", nil)
			for i := 0; i < len(c.header); i += 2 {
				r.Header.Set(c.header[i], c.header[i+1])
			}
			rec := httptest.NewRecorder()
			w.routes.ServeHTTP(rec, r)
			if rec.Code != c.status || rec.Header().Get("Content-Type") != fault.ContentType || !strings.Contains(rec.Body.String(), `"instance":"/chat/ws"`) {
				w.Errorf("%s: got %d %s %s, want a problem with %d", c.what, rec.Code, rec.Header().Get("Content-Type"), rec.Body, c.status)
			}
		})
	}
}

func TestUpgrade_ownOriginIsTaken(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c, resp := stomptest.Dial(w, w.dialTo(), "/chat/ws", http.Header{"Origin": {"http://chat.test"}})
		if c == nil {
			w.Fatal(resp.Status)
		}
		w.login(c.Listen(), 1)
	})
}

func TestConnect_agreesOnVersionAndHeartBeats(t *testing.T) {
	for _, c := range []struct {
		accept  string // "-": not sent
		version string
		beats   bool
	}{
		{"1.2,1.1,1.0", "1.2", true}, {"1.0,1.1", "1.1", true}, {"1.0", "1.0", false}, {"-", "1.0", false},
	} {
		for _, command := range []string{"CONNECT", "STOMP"} {
			bubble(t, 0, func(w *world) {
				client := w.dial()
				headers := []string{"heart-beat:10000,10000", "Authorization:Bearer " + w.token(1, time.Hour)}
				if c.accept != "-" {
					headers = append(headers, "accept-version:"+c.accept)
				}
				client.Send(command, "", headers...)

				f := client.Want("CONNECTED", "version:"+c.version)

				if got := f.Headers["heart-beat"]; (got == "10000,10000") != c.beats {
					w.Errorf("%s with %q: heart-beat %q", command, c.accept, got)
				}
				if f.Headers["session"] == "" || !strings.Contains(f.Headers["server"], "/") {
					w.Errorf("CONNECTED lacks session or server: %v", f)
				}
			})
		}
	}
}

func TestConnect_takesTheTokenFromPasscode(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.dial()
		c.Send("CONNECT", "", "login:user1", "passcode:"+w.token(1, time.Hour))
		c.Want("CONNECTED")
	})
}

func TestConnect_refusals(t *testing.T) {
	for _, c := range []struct {
		what    string
		raw     func(w *world) string
		code    int
		message string // a part of ERROR's message
	}{
		{"no token", func(*world) string { return "CONNECT\naccept-version:1.2\n\n\x00" }, 1008, "Bearer"},
		{"no scheme", func(w *world) string { return "CONNECT\nAuthorization:" + w.token(1, time.Hour) + "\n\n\x00" }, 1008, "Bearer"},
		{"nonsense", func(*world) string { return "CONNECT\nAuthorization:Bearer abc\n\n\x00" }, 1008, "not valid"},
		{"a wrong passcode", func(*world) string { return "CONNECT\npasscode:guest\n\n\x00" }, 1008, "not valid"},
		{"a good passcode beside a bad token", func(w *world) string {
			return "CONNECT\nAuthorization:Bearer abc\npasscode:" + w.token(1, time.Hour) + "\n\n\x00"
		}, 1008, "not valid"},
		{"a forged token", func(w *world) string {
			raw := w.token(1, time.Hour)
			return "CONNECT\nAuthorization:Bearer " + raw[:len(raw)-6] + "AAAAAA\n\n\x00"
		}, 1008, "not valid"},
		{"an expired token", func(w *world) string { return "CONNECT\nAuthorization:Bearer " + w.token(1, -time.Second) + "\n\n\x00" }, 4001, "expired"},
		{"versions we do not speak", func(w *world) string {
			return "CONNECT\naccept-version:2.0\nAuthorization:Bearer " + w.token(1, time.Hour) + "\n\n\x00"
		}, 1002, "1.0,1.1,1.2"},
		{"a bad heart-beat", func(w *world) string {
			return "CONNECT\nheart-beat:1000\nAuthorization:Bearer " + w.token(1, time.Hour) + "\n\n\x00"
		}, 1002, "heart-beat"},
		{"another frame first", func(*world) string { return "SEND\ndestination:/pub/chat/5\n\n\x00" }, 1002, "CONNECT"},
		{"a body", func(w *world) string {
			return "CONNECT\nAuthorization:Bearer " + w.token(1, time.Hour) + "\n\nbody\x00"
		}, 1002, "body"},
		{"a malformed frame", func(*world) string { return "CONNECT\nAuthorization\n\n\x00" }, 1002, "name:value"},
		{"more than 4 KiB, announced", func(*world) string { return "CONNECT\ncontent-length:5000\n\n" }, 1009, "4096"},
		{"more than 4 KiB", func(*world) string { return "CONNECT\npasscode:" + strings.Repeat("x", 4<<10) + "\n\n\x00" }, 1009, "4096"},
		{"an HTTP request", func(*world) string { return "GET / HTTP/1.1\r\nHost: x\r\n\r\n\x00" }, 1002, ""},
	} {
		bubble(t, 0, func(w *world) {
			client := w.dial()
			client.Raw(c.raw(w))

			f := client.Want("ERROR", "content-type:"+fault.ContentType)

			if !strings.Contains(f.Headers["message"], c.message) || !strings.Contains(f.Body, `"type":"urn:sixseat:problem:`) {
				w.Errorf("%s: got %v; want a problem whose message says %q", c.what, f, c.message)
			}
			if strings.Contains(f.String(), "eyJ") {
				w.Errorf("%s: the token is echoed: %v", c.what, f)
			}
			client.WantClose(c.code)
		})
	}
}

func TestConnect_versionsWeSpeakAreNamed(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.dial()
		c.Send("CONNECT", "", "accept-version:9.9")
		c.Want("ERROR", "version:1.0,1.1,1.2")
		c.WantClose(1002)
	})
}

func TestConnect_mustComeWithinTenSeconds(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.dial()
		begin := time.Now()
		c.Raw("\n\n") // padding is no CONNECT
		c.Want("ERROR")
		f := c.Next()
		if after := f.At.Sub(begin); f.Command != "CLOSE" || after < connectWithin || after > connectWithin+sweepEvery {
			w.Errorf("got %v after %v, want the socket closed after %v", f, after, connectWithin)
		}
	})
}

// A client of 1.0 may pad its values, as the examples of that version do.
func TestConnect_paddedBy10(t *testing.T) {
	for _, header := range []string{"Authorization: Bearer ", "passcode: ", "passcode : "} {
		bubble(t, 0, func(w *world) {
			c := w.dial()
			c.Send("CONNECT", "", "login: user1", header+w.token(1, time.Hour)+" ")
			c.Want("CONNECTED", "version:1.0")
		})
	}
}

// The receipt header is for every frame but CONNECT, which CONNECTED answers (STOMP 1.2,
// receipt).
func TestConnect_hasNoReceiptButConnected(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.connect(1, "receipt:r")
		synctest.Wait()
		c.Quiet()
	})
}

// A subprotocol that was agreed on and an accept-version may contradict each other:
// CONNECT decides.
func TestConnect_decidesWhateverTheSubprotocolSays(t *testing.T) {
	for _, c := range []struct{ subprotocol, accept, version string }{
		{"v10.stomp", "1.2,1.1", "1.2"}, {"v12.stomp", "1.0", "1.0"}, {"v11.stomp", "1.2", "1.2"},
	} {
		bubble(t, 0, func(w *world) {
			client, resp := stomptest.Dial(w, w.dialTo(), "/chat/ws", http.Header{"Sec-Websocket-Protocol": {c.subprotocol}})
			if client == nil || client.Protocol != c.subprotocol {
				w.Fatalf("offered %s: %s, %v", c.subprotocol, resp.Status, resp.Header)
			}
			client.Send("CONNECT", "", "accept-version:"+c.accept, "Authorization:Bearer "+w.token(1, time.Hour))
			client.Want("CONNECTED", "version:"+c.version)
		})
	}
}

// Some clients take an EOL before CONNECTED for an empty frame. Who connects late is due
// for a heart-beat in the instant in which one is agreed.
func TestConnect_nothingComesBeforeCONNECTED(t *testing.T) {
	bubble(t, 0, func(w *world) {
		for range 100 {
			c := w.dial()
			synctest.Wait()
			s, over := w.gateway.all()[0], make(chan bool)
			late := time.Now().Add(7 * time.Second)
			go func() {
				defer close(over)
				for s.beats.Load() == 0 {
					s.sweep(late)
				}
				s.sweep(late)
			}()
			c.Send("CONNECT", "", "accept-version:1.2", "heart-beat:10000,10000", "Authorization:Bearer "+w.token(1, time.Hour))
			if f := c.Any(); f.Command != "CONNECTED" {
				w.Fatalf("got %v, want CONNECTED first", f)
			}
			<-over
			c.Hangup()
			synctest.Wait()
		}
	})
}

func TestConnect_twiceIsAnError(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.connect(1)
		c.Send("CONNECT", "", "accept-version:1.2", "Authorization:Bearer "+w.token(1, time.Hour))
		c.Want("ERROR")
		c.WantClose(1002)
	})
}

// slowPlaces is a counter that takes its time.
type slowPlaces struct {
	Places
	by time.Duration
}

func (p slowPlaces) Hold(ctx context.Context, s limit.Slots, h limit.Holder) (string, error) {
	time.Sleep(p.by)
	return p.Places.Hold(ctx, s, h)
}

// The deadline is for CONNECT to come; what we take to answer it is not the client's.
func TestConnect_thatCameInTimeIsAnswered(t *testing.T) {
	limited(t, Limits{Sessions: 1, Places: slowPlaces{newPlaces(nil), storeTimeout - time.Second}}, func(w *world) {
		c := w.dial()
		time.Sleep(connectWithin / 2)
		w.login(c, 1)
	})
}

// What was refused once is not refused with each sweep until the socket is gone.
func TestConnect_thatDoesNotComeIsLoggedOnce(t *testing.T) {
	bubble(t, 0, func(w *world) {
		var said bytes.Buffer
		w.gateway.log = slog.New(slog.NewTextHandler(&said, nil))
		w.dialGate() // and nobody reads what it is told
		time.Sleep(connectWithin + writeTimeout - sweepEvery)
		synctest.Wait()
		if n := strings.Count(said.String(), "No CONNECT came"); n != 1 || w.gateway.Sessions() != 1 {
			w.Errorf("said %d times, want once, of %d sessions:\n%s", n, w.gateway.Sessions(), said.String())
		}
	})
}
