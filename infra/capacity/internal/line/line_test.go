package line

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/line/linetest"
)

// serve is a target that answers one request and goes on as told.
func serve(t *testing.T, answer string, goOn func(conn net.Conn, r *bufio.Reader)) Target {
	t.Helper()
	target, err := ParseTarget(linetest.Serve(t, answer, goOn))
	if err != nil {
		t.Fatal(err)
	}
	return target
}

const upgraded = linetest.Upgraded

var framed = linetest.Framed

const connected = "CONNECTED\nversion:1.2\nheart-beat:10000,10000\n\n\x00"

// session is a session whose server sends the frames after CONNECTED and then hangs up
// once the client has.
func session(t *testing.T, frames ...string) *Session {
	t.Helper()
	target := serve(t, upgraded+framed(0x81, connected)+strings.Join(frames, ""), func(conn net.Conn, r *bufio.Reader) {
		_, _ = io.Copy(io.Discard, r)
	})
	s, err := target.STOMP(t.Context(), 0, "/chat/ws", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestSession_readsFramesHoweverTheyCome(t *testing.T) {
	long, longer := strings.Repeat("x", 1000), strings.Repeat("y", 70_000)
	s := session(t,
		framed(0x81, "\n"), // a heart-beat
		framed(0x81, "MESSAGE\nsubscription:room\nseq:17\nseq:18\n\n"+long+"\x00"),
		framed(0x82, "RECEIPT\nreceipt-id:a\n\n\x00\nRECEIPT\nreceipt-id:b\n\n\x00\n"), // two in one
		framed(0x01, "MESS"), framed(0x89, "ping"), framed(0x00, "AGE\n"), framed(0x80, "\n"+longer+"\x00"), // in pieces
	)
	for _, want := range []struct{ command, header, value, body string }{
		{"MESSAGE", "seq", "17", long}, {"RECEIPT", "receipt-id", "a", ""}, {"RECEIPT", "receipt-id", "b", ""}, {"MESSAGE", "seq", "", longer},
	} {
		f, err := s.Next()
		if err != nil || string(f.Command) != want.command || string(f.Header(want.header)) != want.value || string(f.Body) != want.body {
			t.Fatalf("%s %q %d octets, %v, want %s", f.Command, f.Header(want.header), len(f.Body), err, want.command)
		}
	}
	if f := (Frame{head: []byte("seq:17\nsubscription:s")}); f.Number("seq") != 17 || f.Number("subscription") != -1 || f.Number("sub") != -1 {
		t.Error("numbers:", f.Number("seq"), f.Number("subscription"), f.Number("sub"))
	}
}

func TestSession_endsWithAnErrorThatSaysWhy(t *testing.T) {
	for what, c := range map[string]struct{ octets, says string }{
		"a Close":            {framed(0x88, "\x0f\xa2too slow"), "closed with 4002 too slow"},
		"a Close of nothing": {framed(0x88, ""), "closed with 1005"},
		"half a frame":       {framed(0x81, "MESSAGE\n\n"), "no whole frame"},
		"no frame":           {framed(0x81, "MESSAGE\x00"), "no frame"},
		"a masked frame":     {"\x81\x81\x00\x00\x00\x00x", "masked"},
		"reserved bits":      {"\xc1\x01x", "reserved"},
		"another opcode":     {framed(0x83, "x"), "opcode 3"},
		"a control opcode":   {framed(0x8b, "x"), "opcode 11"},
		"too much":           {"\x81\x7f\x00\x00\x00\x00\x00\x02\x00\x01", "more than"},
		"a negative length":  {"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "more than"},
	} {
		if _, err := session(t, c.octets).Next(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", what, err, c.says)
		}
	}
}

func TestSession_answersPings(t *testing.T) {
	pong := make(chan string, 1)
	target := serve(t, upgraded+framed(0x81, connected)+framed(0x89, "abc")+framed(0x81, "RECEIPT\n\n\x00"), func(_ net.Conn, r *bufio.Reader) {
		for {
			first, payload, err := linetest.Read(r)
			if err != nil {
				close(pong)
				return
			}
			if first == 0x8a {
				pong <- payload
			}
		}
	})
	s, err := target.STOMP(t.Context(), 0, "/chat/ws", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Next(); err != nil {
		t.Fatal(err)
	}
	if got := <-pong; got != "abc" {
		t.Errorf("pong %q", got)
	}
}

func TestConnect_saysWhyNot(t *testing.T) {
	for what, c := range map[string]struct{ answer, says string }{
		"refused": {"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nfull", "status 503: full"},
		"no key":  {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "Sec-WebSocket-Accept"},
		"ERROR":   {upgraded + framed(0x81, "ERROR\nmessage:no\n\nbad token\x00"), "ERROR bad token"},
		"no beat": {upgraded + framed(0x81, "CONNECTED\nversion:1.2\n\n\x00"), "heart-beat"},
		"the end": {upgraded, "EOF"},
	} {
		_, err := serve(t, c.answer, nil).STOMP(t.Context(), 0, "/chat/ws", time.Second)
		if err == nil || !(strings.Contains(err.Error(), c.says) || what == "the end" && strings.Contains(err.Error(), "reset")) {
			t.Errorf("%s: %v, want %q", what, err, c.says)
		}
	}
}

func TestPulse_isForWhoSaysNothing(t *testing.T) {
	s := session(t)
	wrote, now := s.lastWrite(), time.Now()
	if silent, err := s.Pulse(now, now.Add(9*time.Second)); silent || err != nil || s.lastWrite() != wrote {
		t.Errorf("before it is due: silent %v, %v", silent, err)
	}
	if silent, err := s.Pulse(now, now.Add(11*time.Second)); silent || err != nil || s.lastWrite() == wrote {
		t.Errorf("when it is due: silent %v, %v", silent, err)
	}
	if silent, _ := s.Pulse(now.Add(31*time.Second), now); !silent {
		t.Error("a server that said nothing for 31 s is not silent")
	}
}

func TestHTTP_readsAnswersAndEvents(t *testing.T) {
	target := serve(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"n\": 17}HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"+
		"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\nevent: state\ndata: one\n\ndata: two\n\n", nil)
	h, err := target.HTTP(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	var answer struct{ N int }
	if err := h.Do("GET", "/a", "token", nil, &answer); err != nil || answer.N != 17 {
		t.Errorf("%v, %v", answer, err)
	}
	var status *StatusError
	if err := h.Read(nil); !errors.As(err, &status) || status.Status != 404 || status.Body != "gone" {
		t.Error(err)
	}
	var seen []string
	if err := h.Ask("/events", "token"); err != nil {
		t.Error(err)
	}
	err = h.Follow(time.Now().Add(time.Minute), func(data []byte) bool {
		seen = append(seen, string(data))
		return true
	})
	if !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "reset") || strings.Join(seen, "|") != " one| two" {
		t.Errorf("%q, %v", seen, err)
	}
}

func TestParseTarget_takesOriginsOnly(t *testing.T) {
	for origin, loopback := range map[string]bool{
		"http://127.0.0.1:8080": true, "http://localhost": true, "http://[::1]:1/": true, "https://chat.example.org": false, "http://10.0.0.7:80": false,
	} {
		target, err := ParseTarget(origin)
		if err != nil || target.Loopback() != loopback {
			t.Errorf("%s: loopback %v, %v", origin, target.Loopback(), err)
		}
	}
	for _, bad := range []string{"", "127.0.0.1:8080", "ws://127.0.0.1", "http://", "http://h/chat", "http://u@h", "http://h?q", "http://[::1"} {
		if _, err := ParseTarget(bad); err == nil {
			t.Errorf("%q is a target", bad)
		}
	}
}

func TestSource_spreadsOverLoopback(t *testing.T) {
	seen := map[string]int{}
	for i := range 3 * perSource {
		seen[source(i).String()]++
	}
	if len(seen) != 3 || seen["127.0.0.1"] > 0 {
		t.Error(seen)
	}
}
