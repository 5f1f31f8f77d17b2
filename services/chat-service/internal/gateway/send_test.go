package gateway

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

func TestSend_isReceiptedWithItsSeqAndSeenByAll(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(3)
		author, other, alias := w.connect(1), w.connect(2), w.connect(3)
		listen(w, author, "/topic/"+id)
		listen(w, other, "/topic/"+id)
		listen(w, alias, "/sub/"+id)

		author.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r1", "idempotency-key:k1")

		var receipt, shown stomptest.Frame
		for range 2 { // in either order
			if f := author.Next(); f.Command == "RECEIPT" {
				receipt = f
			} else {
				shown = f
			}
		}
		if receipt.Headers["receipt-id"] != "r1" || receipt.Headers["seq"] != "4" || receipt.Headers["message-id"] != shown.Headers["message-id"] {
			w.Errorf("receipt %v for %v", receipt, shown)
		}
		m := message(w, shown)
		if m.RoomID != id || m.Seq != 4 || m.MemberID != "member1" || m.CreatedBy != "user1" || m.Comment != "hello" || m.IdempotencyKey != "k1" {
			w.Errorf("shown as %+v", m)
		}
		for path, c := range map[string]*stomptest.Client{"/topic/" + id: other, "/sub/" + id: alias} {
			f := c.Want("MESSAGE", "destination:"+path, "subscription:"+path, "content-type:application/json", "seq:4", "message-id:"+m.MessageID)
			if f.Body != shown.Body || f.Headers["content-length"] == "" {
				w.Errorf("%s got %v, the author %v", path, f, shown)
			}
		}
	})
}

func TestSend_theOriginalSystemsBodyIsTakenAndReplaced(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		listen(w, c, "/topic/"+id)
		c.Send("SEND", `{"roomId":"5","memberId":"3jskl3k","type":"TEXT","comment":"Message","createdBy":"user9","createdAt":"2024-07-25T10:10:00"}`,
			"destination:/pub/chat/"+id)
		m := message(w, c.Want("MESSAGE"))
		if m.RoomID != id || m.MemberID != "member1" || m.CreatedBy != "user1" || m.Comment != "Message" || time.Since(m.CreatedAt.Time) > time.Minute {
			w.Errorf("stored as %+v", m)
		}
	})
}

func TestSend_aKnownKeyIsAnsweredWithTheFirstReceipt(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(2)
		c := w.connect(1)
		send := func(c *stomptest.Client, comment string) stomptest.Frame {
			c.Send("SEND", `{"type":"TEXT","comment":"`+comment+`"}`, "destination:/pub/chat/"+id, "receipt:r", "idempotency-key:k")
			return c.Want("RECEIPT", "receipt-id:r")
		}
		first, again := send(c, "first"), send(c, "second")
		if first.Headers["seq"] != "3" || again.Headers["seq"] != "3" || first.Headers["message-id"] != again.Headers["message-id"] {
			w.Errorf("first %v, again %v", first, again)
		}
		if f := send(w.connect(1), "third"); f.Headers["seq"] != "3" {
			w.Errorf("on another socket: %v", f)
		}
		if f := send(w.connect(2), "mine"); f.Headers["seq"] != "4" {
			w.Errorf("the same key of another member: %v", f)
		}
	})
}

// Whatever the body: a client that cut or changed it gets the first receipt all the same.
func TestSend_aKnownKeyIsAnsweredWhateverTheBody(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		listen(w, c, "/user/queue/errors")
		send := func(body, key string) {
			c.Send("SEND", body, "destination:/pub/chat/"+id, "receipt:r", "idempotency-key:"+key)
		}
		send(hello, "k")
		first := c.Want("RECEIPT", "seq:2")
		for _, body := range []string{"", "hello", `{"type":"TEXT"}`, `{"type":"TEXT","comment":"a\u0000"}`, "\xff",
			`{"type":"TEXT","comment":"` + strings.Repeat("x", 2001) + `"}`} {
			send(body, "k")
			c.Want("RECEIPT", "receipt-id:r", "seq:2", "message-id:"+first.Headers["message-id"])
			send(body, "new")
			if p := problem(w, c.Want("MESSAGE", "receipt-id:r")); p.Type != fault.TypePrefix+"invalid" {
				w.Errorf("%q under a new key: %+v", body, p)
			}
		}
		send(hello, "new") // a refusal uses no key up
		c.Want("RECEIPT", "seq:3")
	})
}

// A refused SEND is a problem on the errors queue and the session goes on; without that
// queue it is ERROR and the end.
func TestSend_refusals(t *testing.T) {
	for _, c := range []struct {
		what, body string
		headers    []string
		slug       string
		field      string
	}{
		{"an unknown field", `{"type":"TEXT","comment":"x","admin":true}`, nil, "invalid", "admin"},
		{"no JSON", `hello`, nil, "invalid", "body"},
		{"nothing", ``, nil, "invalid", "body"},
		{"trailing data", hello + hello, nil, "invalid", "body"},
		{"a wrong type", `{"type":"TEXT","comment":5}`, nil, "invalid", "comment"},
		{"an empty comment", `{"type":"TEXT","comment":""}`, nil, "invalid", "comment"},
		{"2,001 characters", `{"type":"TEXT","comment":"` + strings.Repeat("가", 2001) + `"}`, nil, "invalid", "comment"},
		{"U+0000", `{"type":"TEXT","comment":"a\u0000b"}`, nil, "invalid", "comment"},
		{"invalid UTF-8", "{\"type\":\"TEXT\",\"comment\":\"\xff\"}", nil, "invalid", "body"},
		{"the server's own type", `{"type":"ENTER","comment":"x"}`, nil, "invalid", "type"},
		{"an empty key", hello, []string{"idempotency-key:"}, "invalid", "idempotency-key"},
		{"a key of 65 characters", hello, []string{"idempotency-key:" + strings.Repeat("k", 65)}, "invalid", "idempotency-key"},
	} {
		bubble(t, 0, func(w *world) {
			id := w.room(1)
			headers := append([]string{"destination:/pub/chat/" + id, "receipt:r1"}, c.headers...)
			heard := w.connect(1)
			listen(w, heard, "/user/queue/errors")

			heard.Send("SEND", c.body, headers...)

			f := heard.Want("MESSAGE", "subscription:/user/queue/errors", "destination:/user/queue/errors", "receipt-id:r1")
			p := problem(w, f)
			if p.Type != fault.TypePrefix+c.slug || len(p.Errors) != 1 || p.Errors[0].Field != c.field || p.Instance != "/pub/chat/"+id {
				w.Errorf("%s: got %+v; want %s about %s", c.what, p, c.slug, c.field)
			}
			heard.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r2")
			heard.Want("RECEIPT", "receipt-id:r2", "seq:2") // nothing was stored before

			deaf := w.connect(1)
			deaf.Send("SEND", c.body, headers...)
			deaf.Want("ERROR", "receipt-id:r1")
			deaf.WantClose(1008)
		})
	}
}

func TestSend_longestCommentIsTaken(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		listen(w, c, "/topic/"+id)
		comment := strings.Repeat("\U0001F600", 2000)
		c.Send("SEND", `{"type":"TEXT","comment":"`+comment+`"}`, "destination:/pub/chat/"+id)
		if m := message(w, c.Want("MESSAGE")); m.Comment != comment {
			w.Errorf("came back with %d octets of %d", len(m.Comment), len(comment))
		}
	})
}

func TestSend_tooFastIsToldWhenToComeBack(t *testing.T) {
	bubble(t, 1, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		listen(w, c, "/user/queue/errors")
		for i := range 4 {
			c.Send("SEND", hello, "destination:/pub/chat/"+id, fmt.Sprint("receipt:", i))
		}
		receipts := 0
		for range 4 { // the refusal waits for no commit, so it may be first
			f := c.Next()
			if f.Command == "RECEIPT" {
				receipts++
				continue
			}
			if p := problem(w, f); p.Type != fault.TypePrefix+"too-many-requests" || f.Headers["retry-after"] != "1" || f.Headers["receipt-id"] != "3" {
				w.Errorf("%v", f)
			}
		}
		if receipts != 3 {
			w.Errorf("%d receipts, want 3", receipts)
		}
		time.Sleep(time.Second)
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:later")
		c.Want("RECEIPT", "receipt-id:later", "seq:5")
	})
}

func TestSend_whileTheStoreIsAway(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		heard, deaf := w.connect(1), w.connect(1)
		listen(w, heard, "/user/queue/errors")
		w.flaky.takeAway(fault.New(fault.Unavailable, "The database cannot be reached right now."))

		heard.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r1")
		if p := problem(w, heard.Want("MESSAGE", "receipt-id:r1", "retry-after:1")); p.Status != 503 {
			w.Errorf("%+v", p)
		}
		deaf.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r1")
		deaf.Want("ERROR", "receipt-id:r1", "retry-after:1")
		deaf.WantClose(1013)

		w.flaky.takeAway(nil)
		heard.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r2")
		heard.Want("RECEIPT", "receipt-id:r2", "seq:2")
	})
}

// asking counts how often the store is asked for a member's standing.
type asking struct {
	Chat
	asked *atomic.Int64
}

func (a asking) Standing(ctx context.Context, roomID, memberID string) (chat.Standing, error) {
	a.asked.Add(1)
	return a.Chat.Standing(ctx, roomID, memberID)
}

// Who subscribes was found inside just then: the first message need not wait for the
// store to say it again, nor a storm of reconnects ask twice.
func TestSend_whoListensIsKnownToBeInside(t *testing.T) {
	bubble(t, 0, func(w *world) {
		var asked atomic.Int64
		w.gateway.chat = asking{w.gateway.chat, &asked}
		id := w.room(1)
		c := w.connect(1)
		listen(w, c, "/topic/"+id)
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r1")
		c.Want("MESSAGE")
		c.Want("RECEIPT", "receipt-id:r1")
		if n := asked.Load(); n != 1 {
			w.Errorf("asked %d times, want once", n)
		}
	})
}

// Thousands of SENDs may wait for a slow store: what waits with them for the answer are
// not their frames, which may have 64 KiB each.
func TestSend_keepsNotItsFrameUntilItIsStored(t *testing.T) {
	bubble(t, 0, func(w *world) {
		seen := watched{w.gateway.chat, make(chan weak.Pointer[byte], 3)}
		w.gateway.chat = seen
		id := w.room(1)
		c := w.connect(1)
		w.flaky.slowDown(time.Second)
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:1")
		c.Send("BEGIN", "", "transaction:t")
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:2", "transaction:t")
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:3", "transaction:t")
		c.Send("COMMIT", "", "transaction:t")
		c.Send("ACK", "", "id:x", "receipt:ack")
		c.Want("RECEIPT", "receipt-id:ack")

		runtime.GC()
		for i := range 3 {
			if body := <-seen.bodies; body.Value() != nil {
				w.Errorf("the body of SEND %d is kept", i+1)
			}
		}
		for range 3 {
			c.Want("RECEIPT")
		}
	})
}
