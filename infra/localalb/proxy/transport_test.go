package proxy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// script is a target on loopback that says one text after each request. It hangs up where
// a text is "", and after the last.
type script struct {
	*testing.T
	address     string
	connections atomic.Int64
	ended       chan struct{} // has a token for each connection that is over
	transport   *transport
}

func follow(t *testing.T, says ...string) *script {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &script{T: t, address: l.Addr().String(), ended: make(chan struct{}, 10), transport: newTransport(new(net.Dialer).DialContext, time.Minute)}
	t.Cleanup(func() { l.Close(); s.transport.CloseIdleConnections() })
	go func() {
		for { // one after the other: says belongs to this goroutine
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			s.connections.Add(1)
			says = s.serve(conn, says)
			conn.Close()
			s.ended <- struct{}{}
		}
	}()
	return s
}

func (s *script) serve(conn net.Conn, says []string) (rest []string) {
	r := bufio.NewReader(conn)
	for len(says) > 0 {
		if _, err := http.ReadRequest(r); err != nil {
			return says
		}
		if says[0] == "" {
			return says[1:]
		}
		if _, err := io.WriteString(conn, says[0]); err != nil {
			s.Error(err)
		}
		says = says[1:]
	}
	return nil
}

func (s *script) ask(ctx context.Context, method string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+s.address+"/", nil)
	if err != nil {
		s.Fatal(err)
	}
	return s.transport.RoundTrip(r)
}

// read asks and takes the whole answer.
func (s *script) read(method string) string {
	s.Helper()
	res, err := s.ask(s.Context(), method)
	if err != nil {
		return "error: " + err.Error()
	}
	body, err := io.ReadAll(res.Body)
	return fmt.Sprint(res.StatusCode, " ", string(body), errors.Join(err, res.Body.Close()))
}

const (
	short  = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	pieces = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
	empty  = "HTTP/1.1 204 No Content\r\n\r\n"
	last   = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
	toEnd  = "HTTP/1.1 200 OK\r\n\r\nhello"
)

func TestTransport_keepsAConnectionThatMayBeKept(t *testing.T) {
	for name, c := range map[string]struct {
		says        []string
		connections int64
	}{
		"answers of a length":          {[]string{short, short, short}, 1},
		"answers in pieces":            {[]string{pieces, pieces}, 1},
		"answers without a body":       {[]string{empty, short}, 1},
		"announced as the last":        {[]string{last, short}, 2},
		"what nobody asked for":        {[]string{short + short, short}, 2},
		"announcements before answers": {[]string{"HTTP/1.1 103 Early Hints\r\n\r\n" + short, short}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := follow(t, c.says...)
			for range c.says {
				if got := s.read("GET"); !slices.Contains([]string{"200 hello<nil>", "204 <nil>"}, got) {
					t.Error(got)
				}
			}
			if n := s.connections.Load(); n != c.connections {
				t.Errorf("%d connections, want %d", n, c.connections)
			}
		})
	}
}

func TestTransport_anAnswerMayLastAsLongAsItsConnection(t *testing.T) {
	if got := follow(t, toEnd).read("GET"); got != "200 hello<nil>" {
		t.Error(got)
	}
}

func TestTransport_usesNoConnectionThatTheTargetHasEnded(t *testing.T) {
	s := follow(t, short) // and hangs up
	if got := s.read("GET"); got != "200 hello<nil>" {
		t.Fatal(got)
	}
	<-s.ended
	kept := s.transport.take(s.address)
	for deadline := time.Now().Add(10 * time.Second); !kept.readable(); {
		if time.Now().After(deadline) {
			t.Fatal("its end is not seen")
		}
	}
	kept.since = kept.since.Add(-lookAfter)
	s.transport.kept[s.address] = []*targetConn{kept}
	if c, err := s.transport.connect(t.Context(), s.address); err != nil || c == kept || len(s.transport.kept[s.address]) > 0 {
		t.Errorf("got %v, %v; the ended one again: %t", c, err, c == kept)
	}
}

func TestTransport_endsAConnectionWithAnAnswerThatIsLeft(t *testing.T) {
	s := follow(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello", short)
	res, err := s.ask(t.Context(), "GET")
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	<-s.ended
}

func TestTransport_cutsBothSidesWithItsRequest(t *testing.T) {
	s := follow(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello", short)
	ctx, cancel := context.WithCancel(t.Context())
	res, err := s.ask(ctx, "GET")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("the rest of the answer came")
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	<-s.ended
}

func TestTransport_handsAnnouncementsOn(t *testing.T) {
	s := follow(t, "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"+short)
	var heard []string
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		heard = append(heard, fmt.Sprint(code, h.Get("Link")))
		return nil
	}})
	res, err := s.ask(ctx, "GET")
	if err != nil || res.StatusCode != http.StatusOK || !slices.Equal(heard, []string{"103</a.css>"}) {
		t.Errorf("heard %v, %v", heard, err)
	}
}

func TestTransport_refusesWhatNoAnswerMayBe(t *testing.T) {
	long := "X-Long: " + strings.Repeat("x", maxResponseHeaders) + "\r\n"
	for name, says := range map[string]string{
		"a header beyond its limit":         "HTTP/1.1 200 OK\r\n" + long + "Content-Length: 0\r\n\r\n",
		"announcements beyond that limit":   strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", maxResponseHeaders/20),
		"a protocol that nobody asked for":  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
		"no HTTP":                           "hello\r\n\r\n",
		"no answer on a new connection":     "",
		"half of a header and then nothing": "HTTP/1.1 200 OK\r\nContent-",
	} {
		t.Run(name, func(t *testing.T) {
			s := follow(t, says)
			if got := s.read("GET"); !strings.HasPrefix(got, "error: ask target "+s.address) {
				t.Error(got)
			}
			if len(s.transport.kept[s.address]) != 0 {
				t.Error("its connection is kept")
			}
		})
	}
}

func TestTransport_aHeadHasNoBody(t *testing.T) {
	s := follow(t, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", short)
	if got := s.read("HEAD"); got != "200 <nil>" {
		t.Error(got)
	}
	if got := s.read("GET"); got != "200 hello<nil>" || s.connections.Load() != 1 {
		t.Errorf("%s on %d connections", got, s.connections.Load())
	}
}
