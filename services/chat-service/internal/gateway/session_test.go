package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/hub"
	"github.com/sixseat/sixseat/services/chat-service/internal/live"
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

func TestTransaction_aKnownKeyIsAnsweredWhateverTheBody(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		listen(w, c, "/user/queue/errors")
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "idempotency-key:k", "receipt:r")
		c.Want("RECEIPT", "seq:2")
		commit := func(key string) {
			c.Send("BEGIN", "", "transaction:t")
			c.Send("SEND", "cut", "destination:/pub/chat/"+id, "transaction:t", "receipt:known", "idempotency-key:"+key)
			c.Send("SEND", hello, "destination:/pub/chat/"+id, "transaction:t", "receipt:beside")
			c.Send("COMMIT", "", "transaction:t", "receipt:commit")
		}

		commit("k")
		c.Want("RECEIPT", "receipt-id:known", "seq:2")
		c.Want("RECEIPT", "receipt-id:beside", "seq:3")
		c.Want("RECEIPT", "receipt-id:commit")

		commit("new")
		problem(w, c.Want("MESSAGE", "receipt-id:commit"))
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
		c.Want("RECEIPT", "seq:4")
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
		for range 3 {
			if f := c.Next(); f.Command != "RECEIPT" && f.Headers["receipt-id"] != "3" {
				w.Fatalf("got %v for one of the first three", f)
			}
		}
		f := c.Next()
		if f.Command == "MESSAGE" {
			if p := problem(w, f); p.Type != fault.TypePrefix+"too-many-requests" || f.Headers["retry-after"] != "1" {
				w.Errorf("%v", f)
			}
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

func TestSubscribe_replaysThenGoesLive(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(2)
		author := w.connect(1)
		for range 300 { // more than a page, and than the outbox takes at once
			author.Send("SEND", `{"type":"TEXT","comment":"`+strings.Repeat("x", 1000)+`"}`, "destination:/pub/chat/"+id, "receipt:r")
			author.Want("RECEIPT")
		}
		c := w.connect(2)
		c.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+id, "last-seq:2", "receipt:sub")
		receipted := false
		for want := 3; want <= 302; {
			f := c.Next()
			if f.Command == "RECEIPT" {
				receipted = true
				continue
			}
			if m := message(w, f); m.Seq != int64(want) || f.Headers["seq"] != fmt.Sprint(want) {
				w.Fatalf("got seq %d, want %d", m.Seq, want)
			}
			want++
		}
		author.Send("SEND", hello, "destination:/pub/chat/"+id)
		if f := c.Next(); f.Command == "RECEIPT" {
			receipted = true
			f = c.Next()
			if f.Headers["seq"] != "303" {
				w.Errorf("live: %v", f)
			}
		} else if f.Headers["seq"] != "303" {
			w.Errorf("live: %v", f)
		}
		if !receipted {
			w.Error("the SUBSCRIBE was never receipted")
		}
	})
}

// Whoever claims to have seen more than there is gets what is new, whatever its seq.
func TestSubscribe_beyondTheEndIsLiveOnly(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		for i, last := range []string{"1", "2", "9223372036854775807", "99999999999999999999"} {
			c.Send("SUBSCRIBE", "", fmt.Sprint("id:", i), "destination:/topic/"+id, "last-seq:"+last, "receipt:s")
			c.Want("RECEIPT", "receipt-id:s")
		}
		synctest.Wait()
		c.Quiet()
		c.Send("SEND", hello, "destination:/pub/chat/"+id)
		for range 4 {
			c.Want("MESSAGE", "seq:2")
		}
		synctest.Wait()
		c.Quiet()
	})
}

func TestSubscribe_unsubscribedIsQuiet(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(2)
		author, c := w.connect(1), w.connect(2)
		listen(w, c, "/topic/"+id)
		c.Send("UNSUBSCRIBE", "", "id:/topic/"+id, "receipt:r")
		c.Want("RECEIPT")
		author.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
		author.Want("RECEIPT")
		synctest.Wait()
		c.Quiet()
		listen(w, c, "/topic/"+id) // the id is free again
	})
}

func TestSubscribe_inOldVersions(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		old := w.connect(1, "accept-version:1.0")
		old.Send("SUBSCRIBE", "", "destination: /topic/"+id, "receipt: r") // 1.0 pads and needs no id
		old.Want("RECEIPT", "receipt-id:r")
		old.Send("SEND", hello, "destination:/pub/chat/"+id)
		if f := old.Want("MESSAGE", "destination:/topic/"+id); f.Headers["subscription"] != "" {
			w.Errorf("1.0 without an id got %v", f)
		}
		old.Send("ACK", "", "message-id:x", "receipt:r")
		old.Want("RECEIPT")
		old.Send("UNSUBSCRIBE", "", "destination:/topic/"+id, "receipt:r")
		old.Want("RECEIPT")
		old.Send("NACK", "", "message-id:x")
		old.Want("ERROR")
		old.WantClose(1002)

		v11 := w.connect(1, "accept-version:1.1")
		v11.Send("NACK", "", "message-id:x", "subscription:1", "receipt:r")
		v11.Want("RECEIPT")
		v11.Send("ACK", "", "message-id:x")
		v11.Want("ERROR")
		v11.WantClose(1002)
	})
}

// A replay may be just handing over a message when its subscription ends: behind the
// RECEIPT nothing comes, since the id may belong to another subscription by then.
func TestUnsubscribe_nothingComesBehindItsReceipt(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		s := w.gateway.all()[0]
		for range 50 {
			listen(w, c, "/topic/"+id)
			s.mu.Lock()
			sub := s.subs["id:/topic/"+id]
			s.mu.Unlock()
			over := make(chan bool)
			go func() {
				defer close(over)
				for seq := range int64(400) {
					sub.Deliver(&hub.Delivery{Message: chat.Message{RoomID: id, Seq: seq}, Body: []byte("x")})
				}
			}()
			c.Send("UNSUBSCRIBE", "", "id:/topic/"+id, "receipt:u")
			for f := c.Next(); f.Command != "RECEIPT"; f = c.Next() {
				if f.Command != "MESSAGE" {
					w.Fatalf("got %v", f)
				}
			}
			<-over
			synctest.Wait()
			c.Quiet()
		}
	})
}

// In 1.0 a destination may name a subscription that has an id, too.
func TestUnsubscribe_byDestination(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		old := w.connect(1, "accept-version:1.0")
		old.Send("SUBSCRIBE", "", "destination:/topic/"+id, "id:1", "receipt:s")
		old.Want("RECEIPT")
		old.Send("SUBSCRIBE", "", "destination:/sub/"+id, "receipt:s")
		old.Want("RECEIPT")
		old.Send("UNSUBSCRIBE", "", "destination:/topic/"+id, "receipt:u")
		old.Want("RECEIPT", "receipt-id:u")
		old.Send("SEND", hello, "destination:/pub/chat/"+id)
		old.Want("MESSAGE", "destination:/sub/"+id)
		synctest.Wait()
		old.Quiet()
	})
}

// A MESSAGE has the headers that the contract names and no others, live, in replay and of
// refusals.
func TestSubscribe_headersOfAMessage(t *testing.T) {
	for _, c := range []struct {
		version string
		ack     string
		more    string
	}{
		{"1.2", "auto", ""}, {"1.2", "client", ",ack"}, {"1.2", "client-individual", ",ack"},
		{"1.1", "client", ""}, {"1.0", "client", ""},
	} {
		bubble(t, 0, func(w *world) {
			id := w.room(1)
			s := w.connect(1, "accept-version:"+c.version)
			s.Send("SUBSCRIBE", "", "destination:/topic/"+id, "id:1", "ack:"+c.ack, "last-seq:0")
			replayed := s.Want("MESSAGE", "seq:1", "subscription:1")
			s.Send("SUBSCRIBE", "", "destination:/user/queue/errors", "id:2", "ack:"+c.ack)
			s.Send("SEND", hello, "destination:/pub/chat/"+id)
			live := s.Want("MESSAGE", "seq:2", "subscription:1")
			s.Send("SEND", "{", "destination:/pub/chat/"+id, "receipt:r")
			refusal := s.Want("MESSAGE", "subscription:2", "receipt-id:r")

			names := "content-length,content-type,destination,message-id,subscription"
			for what, got := range map[string]struct {
				f    stomptest.Frame
				want string
			}{
				"replayed": {replayed, names + ",seq" + c.more}, "live": {live, names + ",seq" + c.more},
				"a refusal": {refusal, names + ",receipt-id" + c.more},
			} {
				want := strings.Split(got.want, ",")
				slices.Sort(want)
				if names := slices.Sorted(maps.Keys(got.f.Headers)); !slices.Equal(names, want) {
					w.Errorf("%s in %s, ack %s: headers %v, want %v", what, c.version, c.ack, names, want)
				}
				if ack := got.f.Headers["ack"]; ack != "" && ack != got.f.Headers["message-id"] {
					w.Errorf("%s: ack %s of %v", what, ack, got.f)
				}
			}
		})
	}
}

func TestSubscribe_ackModesCarryAnAckHeader(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		for _, mode := range []string{"auto", "client", "client-individual"} {
			c.Send("SUBSCRIBE", "", "id:"+mode, "ack:"+mode, "destination:/topic/"+id, "receipt:r")
			c.Want("RECEIPT")
		}
		c.Send("SEND", hello, "destination:/pub/chat/"+id)
		for range 3 {
			f := c.Want("MESSAGE")
			if ack := f.Headers["ack"]; (ack != "") != (f.Headers["subscription"] != "auto") {
				w.Errorf("%v", f)
			} else if ack != "" {
				c.Send("ACK", "", "id:"+ack)
			}
		}
		c.Send("ACK", "", "id:x", "receipt:r")
		c.Want("RECEIPT", "receipt-id:r")
	})
}

// A reused id of the errors queue is refused before it is receipted, and the first one
// is still where refusals go.
func TestSubscribe_errorsQueueTwice(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.connect(1)
		listen(w, c, "/user/queue/errors")
		c.Send("SUBSCRIBE", "", "id:/user/queue/errors", "destination:/user/queue/errors", "receipt:r")
		c.Want("ERROR", "receipt-id:r")
		c.WantClose(1002)
	})
}

// Of two subscriptions to refusals the later one gets them; when it ends, the other does.
func TestSubscribe_errorsQueueUnderTwoIDs(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		refused := func(want string) {
			c.Send("SEND", "{", "destination:/pub/chat/"+id, "receipt:r")
			c.Want("MESSAGE", "subscription:"+want, "receipt-id:r")
		}
		c.Send("SUBSCRIBE", "", "id:1", "destination:/user/queue/errors")
		refused("1")
		c.Send("SUBSCRIBE", "", "id:2", "destination:/user/queue/errors")
		refused("2")
		c.Send("UNSUBSCRIBE", "", "id:2")
		refused("1")
		synctest.Wait()
		c.Quiet() // one refusal, one MESSAGE
		c.Send("UNSUBSCRIBE", "", "id:1")
		c.Send("SEND", "{", "destination:/pub/chat/"+id, "receipt:r")
		c.Want("ERROR", "receipt-id:r")
	})
}

// Whatever the hub hands over behind a member's own LEAVE, before the subscription is
// taken down: that member sees nothing of it.
func TestLeave_nothingIsShownBehindIt(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(2)
		c := w.connect(1)
		listen(w, c, "/user/queue/errors")
		listen(w, c, "/topic/"+id)
		s := w.gateway.all()[0]
		s.mu.Lock() // so that nothing else ends the subscription meanwhile
		sub := s.subs["id:/topic/"+id]
		for _, m := range []chat.Message{
			{RoomID: id, Seq: 3, MemberID: "member2", Type: chatapi.Text, Comment: "before"},
			{RoomID: id, Seq: 4, MemberID: "member1", Type: chatapi.Leave},
			{RoomID: id, Seq: 5, MemberID: "member2", Type: chatapi.Text, Comment: "behind"},
		} {
			sub.Deliver(&hub.Delivery{Message: m, Body: []byte(m.Comment)})
		}
		if !sub.Offer(live.Event{Event: chatapi.Typing, MemberID: "member2"}) {
			w.Error("an event is kept for one who has left")
		}
		s.mu.Unlock()

		if f := c.Want("MESSAGE", "seq:3"); f.Body != "before" {
			w.Errorf("got %v", f)
		}
		problem(w, c.Want("MESSAGE", "subscription:/user/queue/errors"))
		synctest.Wait()
		c.Quiet()
	})
}

func TestLeave_endsTheMembersOwnSubscription(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(2)
		leaver, other, deaf := w.connect(1), w.connect(2), w.connect(1)
		listen(w, leaver, "/user/queue/errors")
		for _, c := range []*stomptest.Client{leaver, other, deaf} {
			listen(w, c, "/topic/"+id)
		}
		leaver.Send("SEND", hello, "destination:/pub/chat/"+id)
		for _, c := range []*stomptest.Client{leaver, other, deaf} {
			c.Want("MESSAGE", "seq:3")
		}
		if err := w.rooms.Leave(w.Context(), id, token.Member{ID: "member1"}); err != nil {
			w.Fatal(err)
		}

		if m := message(w, other.Want("MESSAGE")); m.Type != chatapi.Leave || m.MemberID != "member1" || m.Seq != 4 {
			w.Errorf("the other sees %+v", m)
		}
		ended := leaver.Want("MESSAGE", "subscription:/user/queue/errors")
		if p := problem(w, ended); p.Status != 403 || p.Instance != "/topic/"+id {
			w.Errorf("the leaver got %+v", p)
		}
		for _, f := range []stomptest.Frame{ended, deaf.Want("ERROR")} {
			if id, given := f.Headers["receipt-id"]; given {
				w.Errorf("%v answers the receipt %s, which the SUBSCRIBE has had already", f, id)
			}
		}
		deaf.WantClose(1008)

		leaver.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
		if p := problem(w, leaver.Want("MESSAGE", "receipt-id:r")); p.Type != fault.TypePrefix+"forbidden" {
			w.Errorf("a SEND of one who left: %+v", p)
		}
		leaver.Send("SUBSCRIBE", "", "id:again", "destination:/topic/"+id, "receipt:r2")
		problem(w, leaver.Want("MESSAGE", "receipt-id:r2"))
		other.Send("SEND", hello, "destination:/pub/chat/"+id)
		other.Want("MESSAGE", "seq:5")
		synctest.Wait()
		leaver.Quiet()
	})
}

// What ended a subscription may be told late, when its id is in use again.
func TestSubscription_lateFailureLeavesTheNextOfItsIDAlone(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		listen(w, c, "/user/queue/errors")
		listen(w, c, "/topic/"+id)
		s := w.gateway.all()[0]
		s.mu.Lock()
		old := s.subs["id:/topic/"+id]
		s.mu.Unlock()
		c.Send("UNSUBSCRIBE", "", "id:/topic/"+id)
		listen(w, c, "/topic/"+id)

		old.Fail(chat.Left.Refusal())

		c.Send("SEND", hello, "destination:/pub/chat/"+id)
		c.Want("MESSAGE", "subscription:/topic/"+id)
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

func TestTransaction_commitStoresAllAndReceiptsAfterIt(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(2)
		c, other := w.connect(1), w.connect(2)
		listen(w, other, "/topic/"+id)
		c.Send("BEGIN", "", "transaction:t")
		for i := range 100 {
			c.Send("SEND", hello, "destination:/pub/chat/"+id, "transaction:t", fmt.Sprint("receipt:", i))
		}
		c.Send("ACK", "", "id:x", "receipt:between")
		c.Want("RECEIPT", "receipt-id:between") // and none of the sends before
		synctest.Wait()
		other.Quiet()
		c.Send("COMMIT", "", "transaction:t", "receipt:commit")
		for i := range 100 {
			c.Want("RECEIPT", fmt.Sprint("receipt-id:", i), fmt.Sprint("seq:", i+3))
			other.Want("MESSAGE", fmt.Sprint("seq:", i+3))
		}
		c.Want("RECEIPT", "receipt-id:commit")
	})
}

// watched remembers the bodies of drafts without keeping them.
type watched struct {
	Chat
	bodies chan weak.Pointer[byte]
}

func (c watched) Post(author token.Member, drafts []chat.Draft, done func([]chat.Post, []chat.Stored, error)) error {
	for _, d := range drafts {
		c.bodies <- weak.Make(&d.Body[0])
	}
	return c.Chat.Post(author, drafts, done)
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

// The longest messages, each character escaped, as many as a transaction may have.
func TestTransaction_ofTheLongestMessages(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		longest := `{"type":"TEXT","comment":"` + strings.Repeat(`\ud83d\ude00`, 2000) + `"}`
		c.Send("BEGIN", "", "transaction:t")
		for range 100 {
			c.Send("SEND", longest, "destination:/pub/chat/"+id, "transaction:t")
		}
		c.Send("COMMIT", "", "transaction:t", "receipt:commit")
		c.Want("RECEIPT", "receipt-id:commit")
	})
}

// A SEND that is refused when it comes, to a room one has left, is one that its COMMIT
// cannot store: all or none.
func TestTransaction_withARoomLeftBeforeStoresNone(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id, left := w.room(1), w.room(1)
		if err := w.rooms.Leave(w.Context(), left, token.Member{ID: "member1"}); err != nil {
			w.Fatal(err)
		}
		c := w.connect(1)
		listen(w, c, "/user/queue/errors")
		c.Send("BEGIN", "", "transaction:t")
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "transaction:t")
		c.Send("SEND", hello, "destination:/pub/chat/"+left, "transaction:t", "receipt:in")
		c.Send("COMMIT", "", "transaction:t", "receipt:commit")
		if p := problem(w, c.Want("MESSAGE", "receipt-id:commit")); p.Type != fault.TypePrefix+"forbidden" {
			w.Errorf("%+v", p)
		}
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
		c.Want("RECEIPT", "receipt-id:r", "seq:2")
	})
}

func TestTransaction_storesNoneWhenOneIsRefusedOrItIsAborted(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		listen(w, c, "/user/queue/errors")
		for _, end := range []string{"COMMIT", "ABORT"} {
			c.Send("BEGIN", "", "transaction:t")
			c.Send("SEND", hello, "destination:/pub/chat/"+id, "transaction:t", "receipt:good")
			c.Send("SEND", `{"type":"TEXT","comment":""}`, "destination:/pub/chat/"+id, "transaction:t", "receipt:bad")
			c.Send(end, "", "transaction:t", "receipt:"+end)
		}
		if p := problem(w, c.Want("MESSAGE", "receipt-id:COMMIT")); p.Type != fault.TypePrefix+"invalid" {
			w.Errorf("%+v", p)
		}
		c.Want("RECEIPT", "receipt-id:ABORT")
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
		c.Want("RECEIPT", "seq:2")
	})
}

func TestTransaction_withOneWhoLeftAnotherRoomStoresNone(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id, left := w.room(1), w.room(1)
		c := w.connect(1)
		listen(w, c, "/user/queue/errors")
		c.Send("BEGIN", "", "transaction:t")
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "transaction:t")
		c.Send("SEND", hello, "destination:/pub/chat/"+left, "transaction:t", "receipt:in")
		c.Send("ACK", "", "id:x", "receipt:sync")
		c.Want("RECEIPT", "receipt-id:sync")
		if err := w.rooms.Leave(w.Context(), left, token.Member{ID: "member1"}); err != nil {
			w.Fatal(err)
		}
		c.Send("COMMIT", "", "transaction:t", "receipt:commit")
		if p := problem(w, c.Want("MESSAGE", "receipt-id:commit")); p.Type != fault.TypePrefix+"forbidden" {
			w.Errorf("%+v", p)
		}
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
		c.Want("RECEIPT", "seq:2")
	})
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
