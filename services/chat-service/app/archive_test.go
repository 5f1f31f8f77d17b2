package app

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"

	"github.com/sixseat/sixseat/services/chat-service/internal/archive"
)

// archiveAll waits until what was said in a room is out of the database. For it a nanosecond
// is silence, which the node's own archiver is not given; its clock stands still meanwhile,
// lest each look be a silence again.
func (n *node) archiveAll(roomID string) {
	n.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		at := time.Now()
		moves := archive.NewArchiver(n.app.store, objects(n.s3, n.app.cfg.FilesBucket), time.Nanosecond, func() time.Time { return at }, slog.New(slog.DiscardHandler), archive.NewCounters())
		if err := moves.Sweep(n.Context()); err != nil {
			n.Fatal(err)
		}
		rows, _, err := n.app.store.Oldest(n.Context(), roomID, 1)
		if err == nil && len(rows) == 0 {
			return
		}
		if err != nil || time.Now().After(deadline) {
			n.Fatalf("in the database is still %v, %v", rows, err)
		}
	}
}

// say sends what was not said before under its key, and returns its seq.
func (n *node) say(member, roomID, key, comment string) (seq string) {
	n.Helper()
	c := n.dial(member, "/chat/ws")
	defer c.Hangup()
	c.Send("SEND", `{"type":"TEXT","comment":"`+comment+`"}`, "destination:/pub/chat/"+roomID, "idempotency-key:"+key, "receipt:r")
	return c.Want("RECEIPT", "receipt-id:r").Headers["seq"]
}

func TestArchive_isNotNoticed(t *testing.T) {
	n, _ := startWithPictures(t)
	archiveUnnoticed(t, n)
}

// archiveUnnoticed lets a room fall silent, twice. It is what it was to everybody: over REST,
// in a replay, in the list, to a client that sends again, and in its transcript.
func archiveUnnoticed(t *testing.T, n *node) {
	t.Helper()
	room := uuid.NewString()
	n.enter(room, 1)
	n.enter(room, 2)
	n.say("member1", room, "first", "hello")
	path := "/chat/rooms/" + room
	look := func(paths ...string) (seen []string) {
		for _, p := range paths {
			seen = append(seen, string(n.call("member2", "GET", p, "").body))
		}
		return seen
	}
	all := []string{"/chat/rooms", path, path + "/messages", path + "/messages?after=0&limit=2", path + "/messages?before=3", path + "/transcript", path + "/transcript?format=text"}
	before := look(all...)
	n.archiveAll(room)
	if diff := cmp.Diff(before, look(all...)); diff != "" {
		t.Error(diff)
	}
	if seq := n.say("member1", room, "first", "again, since the receipt was lost"); seq != "3" {
		t.Errorf("the same key again got seq %s", seq)
	}
	if seq := n.say("member1", room, "second", "are you here?"); seq != "4" {
		t.Errorf("the next message got seq %s", seq)
	}
	before = look(all...)
	n.archiveAll(room)
	if diff := cmp.Diff(before, look(all...)); diff != "" {
		t.Error(diff)
	}

	c := n.dial("member2", "/chat/ws")
	c.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+room, "last-seq:0", "receipt:s")
	var page struct{ Items []json.RawMessage }
	if err := json.Unmarshal(n.call("member2", "GET", path+"/messages", "").body, &page); err != nil || len(page.Items) != 4 {
		t.Fatal(page, err)
	}
	for i := 0; i < 4; {
		switch f := c.Next(); f.Command {
		case "MESSAGE":
			if f.Body != string(page.Items[i]) {
				t.Errorf("replayed %s, want %s", f.Body, page.Items[i])
			}
			i++
		case "RECEIPT":
		default:
			t.Fatal(f)
		}
	}
	n.say("member1", room, "third", "live")
	c.Want("MESSAGE", "seq:5")
}

// While S3 is away nobody who chats notices; who asks for old messages is told.
func TestArchive_awayHindersNobodyWhoChats(t *testing.T) {
	n, away := startWithPictures(t)
	room := uuid.NewString()
	n.enter(room, 1)
	n.enter(room, 2)
	n.archiveAll(room)
	away()
	if seq := n.say("member1", room, "k", "hello"); seq != "3" {
		t.Errorf("seq %s", seq)
	}
	path := "/chat/rooms/" + room
	page := into[chatapi.Messages](n, n.call("member2", "GET", path+"/messages?after=2", ""), http.StatusOK)
	if len(page.Items) != 1 {
		t.Errorf("%+v", page)
	}
	newest := into[chatapi.Messages](n, n.call("member2", "GET", path+"/messages", ""), http.StatusOK)
	if len(newest.Items) != 1 || !newest.HasMore {
		t.Errorf("the page with which one opens the room: %+v", newest)
	}
	into[chatapi.Rooms](n, n.call("member2", "GET", "/chat/rooms", ""), http.StatusOK)
	n.wantProblem("an old page", n.call("member2", "GET", path+"/messages?after=0", ""), 503, "unavailable", "")
	n.wantProblem("the transcript", n.call("member2", "GET", path+"/transcript", ""), 503, "unavailable", "")
	c := n.dial("member2", "/chat/ws")
	c.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+room, "last-seq:2")
	c.Want("MESSAGE", "seq:3")
}

func TestArchive_refusesANonsensicalSetting(t *testing.T) {
	for _, after := range []time.Duration{-1, 1, leastSilence - 1} {
		_, err := New(t.Context(), Config{ArchiveAfter: after, JWKSURL: "http://127.0.0.1"}, Parts{})
		if err == nil || !strings.Contains(err.Error(), "ARCHIVE_AFTER is "+after.String()) {
			t.Errorf("%s: %v", after, err)
		}
	}
}
