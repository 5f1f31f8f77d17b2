package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/hub"
	"github.com/sixseat/sixseat/services/chat-service/internal/live"
	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

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
				for seq := range int64(100) { // less than maxOutbox
					sub.Deliver(delivery(chat.Message{RoomID: id, Seq: seq + 1, MemberID: "member2", Type: chatapi.Text}))
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

// delivery is what the hub hands over of a message.
func delivery(m chat.Message) *hub.Delivery {
	m.MessageID, m.CreatedBy = uuid.NewString(), "nick"
	body, err := json.Marshal(m)
	if err != nil { // strings, ints and times always marshal
		panic(err)
	}
	return &hub.Delivery{Message: m, Body: body}
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
			sub.Deliver(delivery(m))
		}
		if !sub.Offer(live.Event{Event: chatapi.Typing, MemberID: "member2"}) {
			w.Error("an event is kept for one who has left")
		}
		s.mu.Unlock()

		if f := c.Want("MESSAGE", "seq:3"); !strings.Contains(f.Body, `"before"`) {
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
