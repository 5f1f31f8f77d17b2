package gateway

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

// What strangers may send, and what becomes of it: an ERROR that says what is wrong, an
// orderly close, and nobody else notices. Bad CONNECTs stand in connect_test.go, bad
// bodies in TestSend_refusals, octets that are no frames in package stomp.

// Frames that break the session, each with ERROR first and then its close code.
func TestSession_brokenProtocol(t *testing.T) {
	room := func(w *world) string { return w.room(1) }
	other := func(w *world) string { return "/topic/" + otherRoom(w) }
	for _, c := range []struct {
		what string
		raw  func(w *world) string
		code int
		says string
	}{
		{"an unknown command", func(*world) string { return "HELLO\n\n\x00" }, 1002, "command"},
		{"an unknown command with a body", func(*world) string { return "HELLO\n\nworld\x00" }, 1002, "command"},
		{"a command in lower case", func(*world) string { return "send\n\n\x00" }, 1002, "command"},
		{"a server's command", func(*world) string { return "MESSAGE\n\n\x00" }, 1002, "command"},
		{"SEND without a destination", func(*world) string { return "SEND\n\n" + hello + "\x00" }, 1002, ""},
		{"SEND to /topic/", func(w *world) string { return "SEND\ndestination:/topic/" + room(w) + "\n\n" + hello + "\x00" }, 1002, "/topic/"},
		{"SEND to nowhere", func(*world) string { return "SEND\ndestination:/pub/chat/\n\n" + hello + "\x00" }, 1002, ""},
		{"SEND to another's room", func(w *world) string { return "SEND\ndestination:/pub/chat/" + otherRoom(w) + "\n\n" + hello + "\x00" }, 1002, "member"},
		{"SEND to a room that does not exist", func(*world) string { return "SEND\ndestination:/pub/chat/5\n\n" + hello + "\x00" }, 1002, "member"},
		{"SUBSCRIBE to another's room", func(w *world) string { return "SUBSCRIBE\nid:1\ndestination:" + other(w) + "\n\n\x00" }, 1002, "member"},
		{"SUBSCRIBE without a destination", func(*world) string { return "SUBSCRIBE\nid:1\n\n\x00" }, 1002, "destination"},
		{"SUBSCRIBE without an id", func(w *world) string { return "SUBSCRIBE\ndestination:/topic/" + room(w) + "\n\n\x00" }, 1002, "id"},
		{"SUBSCRIBE to nothing", func(*world) string { return "SUBSCRIBE\nid:1\ndestination:/queue/a\n\n\x00" }, 1002, "/queue/a"},
		{"an unknown ack mode", func(w *world) string {
			return "SUBSCRIBE\nid:1\nack:maybe\ndestination:/topic/" + room(w) + "\n\n\x00"
		}, 1002, "ack"},
		{"last-seq below zero", func(w *world) string {
			return "SUBSCRIBE\nid:1\nlast-seq:-1\ndestination:/topic/" + room(w) + "\n\n\x00"
		}, 1002, "last-seq"},
		{"last-seq that is no number", func(w *world) string {
			return "SUBSCRIBE\nid:1\nlast-seq:x\ndestination:/topic/" + room(w) + "\n\n\x00"
		}, 1002, "last-seq"},
		{"last-seq with a fraction", func(w *world) string {
			return "SUBSCRIBE\nid:1\nlast-seq:1.0\ndestination:/topic/" + room(w) + "\n\n\x00"
		}, 1002, "last-seq"},
		{"last-seq of nothing", func(w *world) string {
			return "SUBSCRIBE\nid:1\nlast-seq:\ndestination:/topic/" + room(w) + "\n\n\x00"
		}, 1002, "last-seq"},
		{"last-seq with a sign", func(w *world) string {
			return "SUBSCRIBE\nid:1\nlast-seq:+1\ndestination:/topic/" + room(w) + "\n\n\x00"
		}, 1002, "last-seq"},
		{"last-seq with a blank", func(w *world) string {
			return "SUBSCRIBE\nid:1\nlast-seq: 1\ndestination:/topic/" + room(w) + "\n\n\x00"
		}, 1002, "last-seq"},
		{"a reused subscription id", func(w *world) string {
			f := "SUBSCRIBE\nid:1\ndestination:/topic/" + room(w) + "\n\n\x00"
			return f + f
		}, 1002, "in use"},
		{"UNSUBSCRIBE without an id", func(*world) string { return "UNSUBSCRIBE\n\n\x00" }, 1002, "id"},
		{"BEGIN without a transaction", func(*world) string { return "BEGIN\n\n\x00" }, 1002, "transaction"},
		{"BEGIN twice", func(*world) string { return "BEGIN\ntransaction:t\n\n\x00BEGIN\ntransaction:t\n\n\x00" }, 1002, "open already"},
		{"COMMIT of nothing", func(*world) string { return "COMMIT\ntransaction:t\n\n\x00" }, 1002, "no open transaction"},
		{"ABORT of nothing", func(*world) string { return "ABORT\ntransaction:t\n\n\x00" }, 1002, "no open transaction"},
		{"COMMIT twice", func(*world) string {
			return "BEGIN\ntransaction:t\n\n\x00COMMIT\ntransaction:t\n\n\x00COMMIT\ntransaction:t\n\n\x00"
		}, 1002, "no open transaction"},
		{"SEND in no transaction", func(w *world) string {
			return "SEND\ntransaction:t\ndestination:/pub/chat/" + room(w) + "\n\n" + hello + "\x00"
		}, 1002, "no open transaction"},
		{"17 transactions", func(*world) string {
			var b strings.Builder
			for i := range 17 {
				fmt.Fprintf(&b, "BEGIN\ntransaction:%d\n\n\x00", i)
			}
			return b.String()
		}, 1002, "16"},
		{"101 sends in a transaction", func(w *world) string {
			return "BEGIN\ntransaction:t\n\n\x00" + strings.Repeat("SEND\ntransaction:t\ndestination:/pub/chat/"+room(w)+"\n\n"+hello+"\x00", 101)
		}, 1002, "100"},
		{"a refresh in a transaction", func(w *world) string {
			return "BEGIN\ntransaction:t\n\n\x00SEND\ntransaction:t\ndestination:/pub/session/refresh\nAuthorization:Bearer " + w.token(1, time.Hour) + "\n\n\x00"
		}, 1002, "transaction"},
		{"sends in transactions that take too much", func(w *world) string {
			// Most of it stands in headers, which are kept as the bodies are.
			send := "SEND\ntransaction:t\ndestination:/pub/chat/" + room(w) + "\nreceipt:r\n"
			for i := range 6 {
				send += fmt.Sprintf("h%d:%s\n", i, strings.Repeat("x", 8000))
			}
			return "BEGIN\ntransaction:t\n\n\x00" + strings.Repeat(send+"\n"+hello+"\x00", 80)
		}, 1009, "transactions"},
		{"ACK without an id", func(*world) string { return "ACK\nmessage-id:1\n\n\x00" }, 1002, "id"},
		{"NACK without an id", func(*world) string { return "NACK\n\n\x00" }, 1002, "id"},
		{"ACK in no transaction", func(*world) string { return "ACK\nid:1\ntransaction:t\n\n\x00" }, 1002, "no open transaction"},
		{"a body where none may be", func(*world) string { return "ACK\nid:1\n\nbody\x00" }, 1002, "body"},
		{"a header that is not UTF-8", func(*world) string { return "SEND\ndestination:\xff\n\n\x00" }, 1002, "UTF-8"},
		{"an undefined escape", func(*world) string { return "SEND\ndestination:a\\tb\n\n\x00" }, 1002, "escape"},
		{"a body longer than its content-length", func(*world) string { return "SEND\ncontent-length:2\n\nlonger" }, 1002, "NUL"},
		{"a body shorter than its content-length", func(*world) string { return "SEND\ncontent-length:5\n\nab\x00ACK\x00" }, 1002, "NUL"},
		{"a frame of 70 KB", func(*world) string { return "SEND\n\n" + strings.Repeat("x", 70_000) + "\x00" }, 1009, "65536"},
		{"a frame of 70 KB, announced", func(*world) string { return "SEND\ncontent-length:70000\n\n" }, 1009, "65536"},
		{"a refresh with another's token", func(w *world) string {
			return "SEND\ndestination:/pub/session/refresh\nAuthorization:Bearer " + w.token(2, time.Hour) + "\n\n\x00"
		}, 1008, "another member"},
		{"a refresh without a token", func(*world) string { return "SEND\ndestination:/pub/session/refresh\n\n\x00" }, 1008, "Bearer"},
		{"a refresh with an expired token", func(w *world) string {
			return "SEND\ndestination:/pub/session/refresh\nAuthorization:Bearer " + w.token(1, -time.Second) + "\n\n\x00"
		}, 4001, "expired"},
	} {
		t.Run(c.what, func(t *testing.T) {
			bubble(t, 0, func(w *world) {
				client := w.connect(1)
				listen(w, client, "/user/queue/errors") // it makes no difference here

				client.Raw(c.raw(w))

				f := client.Want("ERROR")
				if !strings.Contains(f.Headers["message"], c.says) {
					w.Errorf("got %v; want a message that says %q", f, c.says)
				}
				client.WantClose(c.code)
			})
		})
	}
}

// Octets that are no WebSocket frames end their session, and nobody else notices (RFC 6455
// section 5).
func TestHostile_brokenWebSocket(t *testing.T) {
	for what, octets := range map[string]string{
		"an unmasked frame":                   "\x81\x01A",
		"a reserved bit":                      "\xc1\x80\x01\x02\x03\x04",
		"an opcode that is none":              "\x83\x80\x01\x02\x03\x04",
		"a continuation of nothing":           "\x80\x80\x01\x02\x03\x04",
		"a ping in fragments":                 "\x09\x80\x01\x02\x03\x04",
		"a ping of 126 octets":                "\x89\xfe\x00\x7e\x01\x02\x03\x04" + strings.Repeat("x", 126),
		"a second message before the end":     "\x01\x80\x01\x02\x03\x04\x81\x80\x01\x02\x03\x04",
		"a length beyond any memory":          "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00",
		"a Close with half a code":            "\x88\x81\x00\x00\x00\x00x",
		"a Close with a code that is no code": "\x88\x82\x00\x00\x00\x00\x03\xed",
	} {
		t.Run(what, func(t *testing.T) {
			bubble(t, 0, func(w *world) {
				good, bad := w.connect(1), w.connect(2)
				bad.Octets([]byte(octets))
				bad.WantClose(1002)
				synctest.Wait()
				if n := w.gateway.Sessions(); n != 1 {
					w.Errorf("%d sessions, want the other one alone", n)
				}
				good.Send("ACK", "", "id:x", "receipt:r")
				good.Want("RECEIPT")
			})
		})
	}
}

// What a client says of itself comes back to it without what clients read wrongly:
// stompjs unescapes in several passes, so that a backslash may come back as a line end.
func TestHostile_errorsHaveNoBackslashes(t *testing.T) {
	for what, raw := range map[string]string{
		"a destination with escapes": "SEND\ndestination:/pub/\\\\nowhere\\n\"x\"\n\n\x00",
		"a topic with escapes":       "SUBSCRIBE\nid:1\ndestination:/nowhere\\\\n\\r\n\n\x00",
		"an unknown field":           "SEND\ndestination:/pub/chat/ROOM\n\n{\"a\\\\n\":1}\x00",
		"an undefined escape":        "SEND\ndestination:\\q\n\n\x00",
		"a backslash at the end":     "SEND\ndestination:\\\n\n\x00",
	} {
		bubble(t, 0, func(w *world) {
			c := w.connect(1)
			c.Raw(strings.ReplaceAll(raw, "ROOM", w.room(1)))
			if f := c.Want("ERROR"); f.Headers["message"] == "" || strings.ContainsAny(f.Headers["message"], "\\\r\n") {
				w.Errorf("%s: the message is %q", what, f.Headers["message"])
			}
		})
	}
}

// otherRoom is a room that member 1 has a seat in and never entered.
func otherRoom(w *world) string {
	id := w.room(0)
	return id
}

// What comes behind a SEND that ended the session is not done any more.
func TestSend_nothingIsStoredBehindAnError(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		frame := "SEND\ndestination:/pub/chat/" + id + "\n\n"
		c.Raw(frame + "bad\x00" + frame + hello + "\x00")
		c.Want("ERROR")
		c.WantClose(1008)
		synctest.Wait()

		room, err := w.rooms.Room(w.Context(), id, token.Member{ID: "member1"})
		if err != nil || room.LastSeq != 1 {
			w.Errorf("last seq %d, %v; want nothing stored behind the ERROR", room.LastSeq, err)
		}
	})
}

// A frame of 1 MiB over real TCP: were the socket closed while input lies unread, TCP
// would reset it and the client would never see why.
func TestMessages_anHugeFrameIsAnsweredBeforeTheEnd(t *testing.T) {
	for what, opcodes := range map[string]byte{"text": stomptest.Text, "binary": stomptest.Binary} {
		t.Run(what, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, 0, Limits{}, l, func() net.Conn {
				conn, err := net.Dial("tcp", l.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				return conn
			})
			id := w.room(1)
			c := w.connect(1)
			for range 4 { // what was receipted before is stored
				c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
				c.Want("RECEIPT")
			}
			c.Message(opcodes, true, []byte("SEND\ndestination:/pub/chat/"+id+"\nreceipt:big\n\n"+strings.Repeat("x", 1<<20)+"\x00"))
			if f := c.Want("ERROR", "receipt-id:big"); !strings.Contains(f.Headers["message"], "65536") {
				t.Error(f)
			}
			c.WantClose(1009)
		})
	}
}

// Octets without sense end their own session and no other.
func TestHostile_noise(t *testing.T) {
	bubble(t, 0, func(w *world) {
		good := w.connect(1)
		noise := rand.NewChaCha8([32]byte{4})
		for range 50 {
			octets := make([]byte, 600)
			if _, err := noise.Read(octets); err != nil {
				w.Fatal(err)
			}
			c := w.connect(2)
			c.Message(stomptest.Binary, true, append([]byte("SEND\n"), append(octets, "\n\n\x00"...)...))
			c.Want("ERROR")
			if f := c.Next(); f.Command != "CLOSE" || f.Code != 1002 && f.Code != 1009 {
				w.Fatalf("%x: got %v", octets, f)
			}
		}
		good.Send("ACK", "", "id:x", "receipt:r")
		good.Want("RECEIPT")
	})
}

// Limits hold over a frame that comes in small pieces as over one that comes at once.
func TestHostile_limitsOverManyMessages(t *testing.T) {
	for what, c := range map[string]struct {
		piece string
		n     int
		code  int
	}{
		"a body without end":   {strings.Repeat("x", 1<<10), 70, 1009},
		"headers without end":  {"a:b\n", 110, 1009},
		"a header without end": {strings.Repeat("y", 1<<10), 70, 1009},
	} {
		t.Run(what, func(t *testing.T) {
			bubble(t, 0, func(w *world) {
				client := w.connect(1)
				client.Raw("SEND\ndestination:/pub/chat/5\n")
				if strings.HasPrefix(what, "a body") {
					client.Raw("\n")
				}
				for range c.n {
					client.Raw(c.piece)
				}
				client.Want("ERROR")
				client.WantClose(c.code)
			})
		})
	}
}

// Who dribbles octets, before or after CONNECT, holds no more than its own socket.
func TestHostile_dribblesItsCONNECT(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.dial()
		begin := time.Now()
		for range 9 {
			time.Sleep(time.Second)
			c.Raw("C")
		}
		c.Want("ERROR")
		f := c.Next()
		within(w, "closed", f.At.Sub(begin), connectWithin, connectWithin+sweepEvery)
	})
}
