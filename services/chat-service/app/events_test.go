package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/embedded"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

// hear subscribes to a room's events and returns when that is receipted; who is online
// may be told before it.
func (n *node) hear(member, roomID string) *stomptest.Client {
	n.Helper()
	c := n.dial(member, "/chat/ws")
	c.Send("SUBSCRIBE", "", "id:events", "destination:"+chatapi.TopicPrefix+roomID+chatapi.EventsSuffix)
	c.Send("SUBSCRIBE", "", "id:errors", "destination:"+chatapi.ErrorsQueue)
	return c
}

// wantEvent is the next event that c hears.
func wantEvent(t testing.TB, c *stomptest.Client, event string, n int, seq int64) {
	t.Helper()
	f := c.Want("MESSAGE", "subscription:events")
	want := chatapi.Event{Event: event, MemberID: fmt.Sprint("member", n), Nickname: fmt.Sprint("nick of member", n), Seq: seq}
	var got chatapi.Event
	if err := json.Unmarshal([]byte(f.Body), &got); err != nil || got != want {
		t.Fatalf("got %v, want %+v", f, want)
	}
}

// online is who a room's members are, as REST says: + is online, - is not, ? is not known.
func (n *node) online(roomID string) string {
	n.Helper()
	text := ""
	for _, m := range into[chatapi.Room](n, n.call("member1", "GET", "/chat/rooms/"+roomID, ""), http.StatusOK).Members {
		switch {
		case m.Online == nil:
			text += "?"
		case *m.Online:
			text += "+"
		default:
			text += "-"
		}
	}
	return text
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); {
		if time.Now().After(deadline) {
			t.Fatal("never: ", what)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// pair is two nodes on one database and one Redis, and a room of three.
func pair(t *testing.T, parts func() Parts) (a, b *node, roomID string) {
	t.Helper()
	nodes := startNodes(t, 2, parts)
	a, b = nodes[0], nodes[1]
	roomID = uuid.NewString()
	for seat := 1; seat <= 3; seat++ {
		if r := a.enter(roomID, seat); r.StatusCode >= 300 {
			t.Fatal(r.Status, string(r.body))
		}
	}
	return a, b, roomID
}

// embeddedParts are parts on a database and a Redis of the test's own.
func embeddedParts(t *testing.T) func() Parts {
	r, err := embedded.StartRedis()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	path := filepath.Join(t.TempDir(), "chat.db")
	return func() Parts {
		d, err := embedded.SQLite(path)
		if err != nil {
			t.Fatal(err)
		}
		return Parts{Dialector: d, Redis: r.Client}
	}
}

func TestEvents_onTwoNodesOfEmbeddedStores(t *testing.T) { events(t, embeddedParts(t)) }

// events is the whole of it, between two nodes, whatever they stand on.
func events(t *testing.T, parts func() Parts) {
	a, b, id := pair(t, parts)
	one := a.hear("member1", id)
	wantEvent(t, one, "online", 1, 0)
	two := b.hear("member2", id)
	wantEvent(t, two, "online", 1, 0)
	wantEvent(t, two, "online", 2, 0)
	wantEvent(t, one, "online", 2, 0)
	for _, n := range []*node{a, b} {
		eventually(t, "REST says so", func() bool { return n.online(id) == "++-" })
	}

	two.Send("SEND", "", "destination:/pub/typing/"+id, "receipt:t")
	wantEvent(t, two, "typing", 2, 0)
	two.Want("RECEIPT", "receipt-id:t")
	wantEvent(t, one, "typing", 2, 0)
	two.Send("SEND", `{"type":"TEXT","comment":"hello"}`, "destination:/pub/chat/"+id, "receipt:m")
	two.Want("RECEIPT", "seq:4")
	two.Send("SEND", "", "destination:/pub/typing/"+id) // at once after a message
	wantEvent(t, two, "typing", 2, 0)
	wantEvent(t, one, "typing", 2, 0)

	one.Send("SEND", `{"type":"TEXT","comment":"hello"}`, "destination:/pub/chat/"+id, "receipt:m")
	one.Want("RECEIPT", "seq:5")
	unread := func() int64 {
		return into[chatapi.Rooms](a, a.call("member2", "GET", "/chat/rooms", ""), http.StatusOK).Items[0].Unread
	}
	if got := unread(); got != 1 {
		t.Errorf("%d are unread, want 1", got)
	}
	two.Send("SEND", `{"seq":99}`, "destination:/pub/read/"+id, "receipt:r")
	wantEvent(t, two, "read", 2, 5)
	two.Want("RECEIPT", "receipt-id:r")
	wantEvent(t, one, "read", 2, 5)
	room := into[chatapi.Room](a, a.call("member1", "GET", "/chat/rooms/"+id, ""), http.StatusOK)
	if got := unread(); got != 0 || room.Members[1].LastReadSeq != 5 || room.Members[0].LastReadSeq != 0 {
		t.Errorf("%d are unread, members %+v", got, room.Members)
	}

	if r := a.call("member2", "DELETE", "/chat/rooms/"+id+"/members/me", ""); r.StatusCode != http.StatusNoContent {
		t.Fatal(r.Status, string(r.body))
	}
	wantEvent(t, one, "offline", 2, 0)
	for f := two.Next(); f.Headers["subscription"] != "errors"; f = two.Next() {
		if f.Headers["subscription"] != "events" {
			t.Fatalf("the leaver got %v", f)
		}
	}
}
