package gateway

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

func message(w *world, f stomptest.Frame) chatapi.Message {
	w.Helper()
	var m chatapi.Message
	if err := json.Unmarshal([]byte(f.Body), &m); err != nil {
		w.Fatalf("%v: %v", f, err)
	}
	return m
}

func problem(w *world, f stomptest.Frame) fault.Problem {
	w.Helper()
	var p fault.Problem
	if err := json.Unmarshal([]byte(f.Body), &p); err != nil || f.Headers["content-type"] != fault.ContentType {
		w.Fatalf("%v is no problem: %v", f, err)
	}
	return p
}

func TestSession_errorNamesTheReceiptOfItsFrame(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.connect(1)
		c.Send("SEND", hello, "destination:/topic/5", "receipt:r7")
		c.Want("ERROR", "receipt-id:r7")
		c.WantClose(1002)
	})
}

// What is not ASCII letters goes in and out by the rules of the session's version.
func TestSession_escapesAsItsVersionSays(t *testing.T) {
	for version, c := range map[string]struct{ asked, answered string }{
		"1.2": {`a\cb\\n\nc\rd`, `a\cb\\n\nc\rd`},
		"1.1": {`a\cb\\n\nc:d`, `a\cb\\n\nc\cd`},
		"1.0": {`a:b\n\r`, `a:b\n\r`},
	} {
		bubble(t, 0, func(w *world) {
			client := w.connect(1, "accept-version:"+version)
			client.Send("ACK", "", "id:x", "message-id:x", "subscription:x", "receipt:"+c.asked)
			if f := client.Want("RECEIPT"); f.Text != "RECEIPT\nreceipt-id:"+c.answered+"\n\n\x00" {
				w.Errorf("%s: asked for %q, got %q", version, c.asked, f.Text)
			}
		})
	}
	bubble(t, 0, func(w *world) { // before CONNECTED there is no version, and nothing is escaped
		c := w.dial()
		c.Send("CONNECT", "", "accept-version:1.2")
		if f := c.Want("ERROR"); !strings.Contains(f.Text, "message:Send your member token as Authorization: Bearer") {
			w.Errorf("got %q", f.Text)
		}
	})
}

func TestSession_everyFrameIsReceipted(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		for i, f := range [][]string{
			{"SUBSCRIBE", "", "id:1", "destination:/topic/" + id},
			{"SUBSCRIBE", "", "id:2", "destination:/user/queue/errors"},
			{"SEND", hello, "destination:/pub/chat/" + id},
			{"SEND", "", "destination:/pub/session/refresh", "Authorization:Bearer " + w.token(1, 2*time.Hour)},
			{"ACK", "", "id:x"},
			{"NACK", "", "id:x"},
			{"BEGIN", "", "transaction:a"},
			{"ACK", "", "id:x", "transaction:a"},
			{"COMMIT", "", "transaction:a"},
			{"BEGIN", "", "transaction:b"},
			{"ABORT", "", "transaction:b"},
			{"UNSUBSCRIBE", "", "id:1"},
			{"UNSUBSCRIBE", "", "id:1"}, // clients do it twice
			{"UNSUBSCRIBE", "", "id:never"},
			{"DISCONNECT", ""},
		} {
			c.Send(f[0], f[1], append(f[2:], fmt.Sprint("receipt:", i))...)
			for got := c.Next(); got.Command != "RECEIPT"; got = c.Next() {
				if got.Command != "MESSAGE" {
					w.Fatalf("%v: got %v", f, got)
				}
			}
		}
		c.WantClose(1000)
	})
}

func TestDisconnect_comesAfterPendingSends(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		var b strings.Builder
		for i := range 100 {
			fmt.Fprintf(&b, "SEND\ndestination:/pub/chat/%s\nreceipt:%d\n\n%s\x00", id, i, hello)
		}
		c.Raw(b.String() + "DISCONNECT\nreceipt:bye\n\n\x00SEND\ndestination:/pub/chat/" + id + "\nreceipt:late\n\n" + hello + "\x00")
		for i := range 100 {
			c.Want("RECEIPT", fmt.Sprint("receipt-id:", i), fmt.Sprint("seq:", i+2))
		}
		c.Want("RECEIPT", "receipt-id:bye")
		c.WantClose(1000)
	})
}

// watched remembers the bodies of drafts without keeping them.
type watched struct {
	Chat
	bodies chan weak.Pointer[byte]
}

func (c watched) Post(author token.Member, drafts []chat.Draft, committed func(), done func([]chat.Post, []chat.Stored, error)) error {
	for _, d := range drafts {
		c.bodies <- weak.Make(&d.Body[0])
	}
	return c.Chat.Post(author, drafts, committed, done)
}

func TestError_comesBehindTheReceiptsOfWhatWasBegun(t *testing.T) {
	for what, spoil := range map[string]func(c *stomptest.Client, room string){
		"a bad SEND, with nobody who hears of refusals": func(c *stomptest.Client, room string) {
			c.Send("SEND", "x", "destination:/pub/chat/"+room)
		},
		"an unknown command": func(c *stomptest.Client, _ string) { c.Send("FOO", "") },
	} {
		t.Run(what, func(t *testing.T) {
			bubble(t, 0, func(w *world) {
				room := w.room(1)
				c := w.connect(1)
				w.flaky.slowDown(time.Second)
				for i := range 5 {
					c.Send("SEND", hello, "destination:/pub/chat/"+room, fmt.Sprint("receipt:", i))
				}
				spoil(c, room)
				c.Send("SEND", hello, "destination:/pub/chat/"+room) // is not done any more

				for range 5 {
					c.Want("RECEIPT")
				}
				c.Want("ERROR")
				stored, _, err := w.flaky.Messages(w.Context(), room, chat.Page{Limit: 100})
				if err != nil || len(stored) != 6 {
					t.Errorf("%d messages are stored, %v", len(stored), err)
				}
			})
		})
	}
}
