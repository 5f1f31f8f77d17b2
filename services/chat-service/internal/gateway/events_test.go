package gateway

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

func events(roomID string) string { return chatapi.TopicPrefix + roomID + chatapi.EventsSuffix }

// hear subscribes to a room's events, is first told who is online, and then has a receipt.
func hear(w *world, c *stomptest.Client, roomID string, online ...int) {
	w.Helper()
	c.Send("SUBSCRIBE", "", "id:e", "destination:"+events(roomID), "receipt:hear")
	for _, n := range online {
		wantEvent(w, c, "online", n)
	}
	c.Want("RECEIPT", "receipt-id:hear")
}

// wantEvent is the next thing that c hears; the member is n, whose seq may be given.
func wantEvent(w *world, c *stomptest.Client, event string, n int, seq ...int64) {
	w.Helper()
	f := c.Want("MESSAGE", "subscription:e", "content-type:application/json")
	want := chatapi.Event{Event: event, MemberID: fmt.Sprint("member", n), Nickname: fmt.Sprint("user", n)}
	for _, s := range seq {
		want.Seq = s
	}
	var got chatapi.Event
	if err := json.Unmarshal([]byte(f.Body), &got); err != nil || got != want {
		w.Fatalf("got %v, want %+v", f, want)
	}
}

func types(c *stomptest.Client, roomID string) {
	c.Send("SEND", "", "destination:/pub/typing/"+roomID, "receipt:typing")
}

func reads(c *stomptest.Client, roomID string, seq int64) {
	c.Send("SEND", fmt.Sprintf(`{"seq":%d}`, seq), "destination:/pub/read/"+roomID, "receipt:read")
}

func TestEvents_haveTheHeadersOfAMessage(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		ids := map[string]bool{}
		for _, headers := range [][]string{{"id:e"}, {"id:f", "ack:client"}, {"id:g", "last-seq:0"}} {
			c := w.connect(1)
			c.Send("SUBSCRIBE", "", append(headers, "destination:"+events(id))...)
			f := c.Want("MESSAGE", "destination:"+events(id), "subscription:"+headers[0][3:], "content-type:application/json")
			if f.Body != `{"event":"online","memberId":"member1","nickname":"user1"}` || f.Headers["content-length"] != fmt.Sprint(len(f.Body)) {
				w.Errorf("got %v", f)
			}
			if _, given := f.Headers["seq"]; given {
				w.Errorf("an event has no place in the history: %v", f)
			}
			if ack := f.Headers["ack"]; (ack == f.Headers["message-id"]) != (headers[0] == "id:f") {
				w.Errorf("%v: ack is %q", headers, ack)
			}
			ids[f.Headers["message-id"]] = true
			synctest.Wait()
			c.Quiet()
		}
		if len(ids) != 3 || ids[""] {
			w.Errorf("message-ids: %v", ids)
		}
	})
}

func TestEvents_tellWhoComesAndGoes(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(4)
		a, b, tab := w.connect(1), w.connect(2), w.connect(2)
		listen(w, b, "/topic/"+id) // whoever hears its messages is in a room as well
		listen(w, tab, "/sub/"+id)
		hear(w, a, id, 1, 2)
		c := w.connect(3)
		hear(w, c, id, 1, 2, 3)
		wantEvent(w, a, "online", 3)

		b.Send("UNSUBSCRIBE", "", "id:/topic/"+id)
		c.Send("DISCONNECT", "")
		time.Sleep(time.Minute)
		wantEvent(w, a, "offline", 3) // the other tab of 2 is open
		synctest.Wait()
		a.Quiet()

		tab.Message(stomptest.Close, true, nil)
		tab.WantClose(1005)
		gone := time.Now()
		wantEvent(w, a, "offline", 2)
		within(w, "offline", time.Since(gone), 10*time.Second, 11*time.Second)
	})
}

func TestEvents_aReconnectIsNotSeen(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(2)
		a := w.connect(1)
		hear(w, a, id, 1)
		for range 3 {
			b := w.connect(2)
			b.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+id)
			time.Sleep(time.Minute)
			b.Message(stomptest.Close, true, nil)
			b.WantClose(1005)
			time.Sleep(9 * time.Second)
		}
		wantEvent(w, a, "online", 2)
		time.Sleep(time.Second)
		synctest.Wait()
		a.Quiet()
		wantEvent(w, a, "offline", 2)
	})
}

func TestTyping_isSeenByAllOnceInThreeSeconds(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(3)
		a, b := w.connect(1), w.connect(2)
		hear(w, a, id, 1)
		hear(w, b, id, 1, 2)
		wantEvent(w, a, "online", 2)
		silent := w.connect(3) // need not listen itself
		for range 10 {         // at 0, 0.5, …, 4.5 s
			types(silent, id)
			silent.Want("RECEIPT", "receipt-id:typing")
			time.Sleep(500 * time.Millisecond)
		}
		types(a, id)
		wantEvent(w, a, "typing", 3)
		wantEvent(w, a, "typing", 3)
		wantEvent(w, a, "typing", 1)
		a.Want("RECEIPT", "receipt-id:typing")
		wantEvent(w, b, "typing", 3)
		wantEvent(w, b, "typing", 3)
		wantEvent(w, b, "typing", 1)
		synctest.Wait()
		a.Quiet()
		b.Quiet()
	})
}

func TestRead_risesIsClampedAndStored(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(2)
		a, b := w.connect(1), w.connect(2)
		hear(w, a, id, 1)
		b.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
		b.Want("RECEIPT", "seq:3")
		for _, step := range []struct{ seq, told int64 }{{2, 2}, {1, 0}, {2, 0}, {100, 3}, {3, 0}, {0, 0}} {
			begin := time.Now()
			reads(b, id, step.seq)
			b.Want("RECEIPT", "receipt-id:read")
			if took := time.Since(begin); took > time.Second {
				w.Errorf("written after %v", took)
			}
			if step.told > 0 {
				wantEvent(w, a, "read", 2, step.told)
			}
			synctest.Wait()
			a.Quiet()
		}
		room, err := w.rooms.Room(w.Context(), id, token.Member{ID: "member1"})
		if err != nil || room.Members[0].LastReadSeq != 0 || room.Members[1].LastReadSeq != 3 {
			w.Errorf("stored: %+v, %v", room.Members, err)
		}
	})
}

// Without a receipt nobody waits: the last of many is stored, and other frames are not
// held up.
func TestRead_manyWithoutReceiptsHoldNothingUp(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(2)
		a, b := w.connect(1), w.connect(2)
		hear(w, a, id, 1)
		reads(b, id, 1)
		b.Want("RECEIPT")
		wantEvent(w, a, "read", 2, 1)
		for i := range 200 {
			b.Send("SEND", fmt.Sprintf(`{"seq":%d}`, i), "destination:/pub/read/"+id)
		}
		begin := time.Now()
		b.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
		b.Want("RECEIPT", "receipt-id:r")
		if took := time.Since(begin); took >= time.Second {
			w.Errorf("a message waited %v", took)
		}
		if f := a.Want("MESSAGE"); !strings.Contains(f.Body, `"event":"read"`) {
			w.Errorf("got %v", f)
		}
	})
}

func TestRead_whileTheStoreIsAwayIsRefusedAndKept(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(2)
		a, b := w.connect(1), w.connect(2)
		hear(w, a, id, 1)
		listen(w, b, "/user/queue/errors")
		types(b, id) // is inside, as the session knows from now on
		b.Want("RECEIPT")
		wantEvent(w, a, "typing", 2)
		w.flaky.takeAway(fault.New(fault.Unavailable, "The database cannot be reached right now."))
		reads(b, id, 2)
		if p := problem(w, b.Want("MESSAGE", "receipt-id:read")); p.Status != 503 {
			w.Errorf("got %+v", p)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		a.Quiet()
		w.flaky.takeAway(nil)
		wantEvent(w, a, "read", 2, 2)
	})
}

func TestEvents_refusedSends(t *testing.T) {
	for _, c := range []struct{ what, to, body, field string }{
		{"typing with a body", "/pub/typing/", "{}", "body"},
		{"read without a body", "/pub/read/", "", "body"},
		{"read a list", "/pub/read/", "[]", "body"},
		{"read without a seq", "/pub/read/", "{}", "seq"},
		{"read null", "/pub/read/", `{"seq":null}`, "seq"},
		{"read text", "/pub/read/", `{"seq":"3"}`, "seq"},
		{"read a fraction", "/pub/read/", `{"seq":1.5}`, "seq"},
		{"read below zero", "/pub/read/", `{"seq":-1}`, "seq"},
		{"read beyond int64", "/pub/read/", `{"seq":9223372036854775808}`, "seq"},
		{"an unknown field", "/pub/read/", `{"seq":1,"roomId":"5"}`, "roomId"},
		{"trailing data", "/pub/read/", `{"seq":1}{}`, "body"},
	} {
		bubble(t, 0, func(w *world) {
			id := w.room(1)
			heard, deaf := w.connect(1), w.connect(1)
			listen(w, heard, "/user/queue/errors")
			for _, client := range []*stomptest.Client{heard, deaf} {
				client.Send("SEND", c.body, "destination:"+c.to+id, "receipt:r")
			}
			p := problem(w, heard.Want("MESSAGE", "receipt-id:r"))
			if p.Status != 400 || len(p.Errors) != 1 || p.Errors[0].Field != c.field {
				w.Errorf("%s: got %+v, want it refused for %s", c.what, p, c.field)
			}
			deaf.Want("ERROR", "receipt-id:r")
			deaf.WantClose(1008)
			types(heard, id)
			heard.Want("RECEIPT", "receipt-id:typing") // the session goes on
		})
	}
}

func TestEvents_brokenProtocol(t *testing.T) {
	for what, frames := range map[string]func(own, others string) [][]string{
		"events of others": func(_, others string) [][]string {
			return [][]string{{"SUBSCRIBE", "", "id:1", "destination:" + events(others)}}
		},
		"events of no room": func(_, _ string) [][]string {
			return [][]string{{"SUBSCRIBE", "", "id:1", "destination:/topic//events"}}
		},
		"events by the alias": func(own, _ string) [][]string {
			return [][]string{{"SUBSCRIBE", "", "id:1", "destination:/sub/" + own + "/events"}}
		},
		"events of events": func(own, _ string) [][]string {
			return [][]string{{"SUBSCRIBE", "", "id:1", "destination:" + events(own) + "/events"}}
		},
		"events with a bad last-seq": func(own, _ string) [][]string {
			return [][]string{{"SUBSCRIBE", "", "id:1", "destination:" + events(own), "last-seq:-1"}}
		},
		"an id that messages use": func(own, _ string) [][]string {
			return [][]string{{"SUBSCRIBE", "", "id:1", "destination:/topic/" + own}, {"SUBSCRIBE", "", "id:1", "destination:" + events(own)}}
		},
		"SEND to events": func(own, _ string) [][]string { return [][]string{{"SEND", "", "destination:" + events(own)}} },
		"typing at others": func(_, others string) [][]string {
			return [][]string{{"SEND", "", "destination:/pub/typing/" + others}}
		},
		"typing at nobody": func(_, _ string) [][]string { return [][]string{{"SEND", "", "destination:/pub/typing/"}} },
		"reading others": func(_, others string) [][]string {
			return [][]string{{"SEND", `{"seq":1}`, "destination:/pub/read/" + others}}
		},
		"typing in a transaction": func(own, _ string) [][]string {
			return [][]string{{"BEGIN", "", "transaction:t"}, {"SEND", "", "destination:/pub/typing/" + own, "transaction:t"}}
		},
		"reading in a transaction": func(own, _ string) [][]string {
			return [][]string{{"BEGIN", "", "transaction:t"}, {"SEND", `{"seq":1}`, "destination:/pub/read/" + own, "transaction:t"}}
		},
	} {
		bubble(t, 0, func(w *world) {
			own, others := w.room(1), otherRoom(w)
			c := w.connect(1)
			listen(w, c, "/user/queue/errors")
			for _, f := range frames(own, others) {
				c.Send(f[0], f[1], f[2:]...)
			}
			if f := c.Want("ERROR"); !strings.Contains(f.Body, fault.TypePrefix+"protocol") {
				w.Errorf("%s: got %v", what, f)
			}
			c.WantClose(1002)
		})
	}
}

func TestLeave_endsTheMembersEventsAndIsOfflineAtOnce(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(3)
		leaver, other, deaf := w.connect(1), w.connect(2), w.connect(1)
		listen(w, leaver, "/user/queue/errors")
		hear(w, leaver, id, 1)
		hear(w, deaf, id, 1)
		hear(w, other, id, 1, 2)
		wantEvent(w, leaver, "online", 2)
		wantEvent(w, deaf, "online", 2)
		if err := w.rooms.Leave(w.Context(), id, token.Member{ID: "member1"}); err != nil {
			w.Fatal(err)
		}
		left := time.Now()

		wantEvent(w, other, "offline", 1)
		if took := time.Since(left); took > 0 {
			w.Errorf("offline after %v", took)
		}
		var p fault.Problem
		f := leaver.Next()
		for ; f.Headers["subscription"] == "e"; f = leaver.Next() { // its own offline may be there before
		}
		if err := json.Unmarshal([]byte(f.Body), &p); err != nil || p.Status != 403 {
			w.Errorf("the leaver got %v", f)
		}
		for f = deaf.Next(); f.Command == "MESSAGE"; f = deaf.Next() {
		}
		if f.Command != "ERROR" {
			w.Errorf("one without an errors queue got %v", f)
		}
		deaf.WantClose(1008)

		time.Sleep(insideFor)
		types(leaver, id)
		if p := problem(w, leaver.Want("MESSAGE", "receipt-id:typing")); p.Status != 403 {
			w.Errorf("typing of one who left: %+v", p)
		}
		leaver.Send("SUBSCRIBE", "", "id:again", "destination:"+events(id), "receipt:again")
		if p := problem(w, leaver.Want("MESSAGE", "receipt-id:again")); p.Status != 403 {
			w.Errorf("listening of one who left: %+v", p)
		}
		synctest.Wait()
		other.Quiet()
	})
}

// One who left and whose session was seen inside a moment ago is not shown all the same.
func TestLeave_nobodyTypesAfterIt(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(2)
		leaver, other := w.connect(1), w.connect(2)
		hear(w, other, id, 2)
		types(leaver, id)
		leaver.Want("RECEIPT")
		wantEvent(w, other, "typing", 1)
		if err := w.rooms.Leave(w.Context(), id, token.Member{ID: "member1"}); err != nil {
			w.Fatal(err)
		}
		time.Sleep(4 * time.Second)
		types(leaver, id)
		leaver.Want("RECEIPT")
		synctest.Wait()
		other.Quiet()
	})
}

// Events go first where a reader is behind; messages come all; and who is online is told
// as soon as there is room again.
func TestSlowReader_missesEventsBeforeMessages(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(4)
		author, quick := w.connect(1), w.connect(2)
		slow, gate := w.dialGate()
		w.login(slow.Listen(), 3)
		listen(w, slow, "/topic/"+id)
		hear(w, slow, id, 3)
		hear(w, quick, id, 2, 3)
		wantEvent(w, slow, "online", 2)
		gate.stop()
		comment := strings.Repeat("\U0001F600", 2000)
		behind := maxOutbox / len(comment) // one of which is no longer in the outbox, which is beyond maxOffered
		for i := range behind {
			author.Send("SEND", `{"type":"TEXT","comment":"`+comment+`"}`, "destination:/pub/chat/"+id, "receipt:r")
			author.Want("RECEIPT", fmt.Sprint("seq:", i+5))
		}
		for range 2 { // before the slow one's write times out
			types(author, id)
			author.Want("RECEIPT")
			wantEvent(w, quick, "typing", 1)
			time.Sleep(3 * time.Second)
		}
		late := w.connect(4)
		listen(w, late, "/topic/"+id)
		wantEvent(w, quick, "online", 4)
		gate.goOn()

		for i := range behind {
			slow.Want("MESSAGE", fmt.Sprint("seq:", i+5))
		}
		wantEvent(w, slow, "online", 4)
		synctest.Wait()
		slow.Quiet()
	})
}
