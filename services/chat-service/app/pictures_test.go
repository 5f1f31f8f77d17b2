package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/token"
)

// startWithPictures is a node beside an S3, which away ends. env is as for start.
func startWithPictures(t *testing.T, env ...string) (n *node, away func()) {
	t.Helper()
	d, err := embedded.SQLite(filepath.Join(t.TempDir(), "chat.db"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := embedded.StartS3(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	open := true
	away = func() {
		if !open {
			return
		}
		open = false
		if err := files.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(away)
	return start(t, token.NewSeed(), Parts{Dialector: d, S3: files.Client}, append(env, "FILES_BUCKET="+embedded.Bucket, "LIMIT_PICTURES=3")...), away
}

func anImage(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// upload asks for a place as a member does, and puts the picture there.
func (n *node) upload(member, roomID string, data []byte) string {
	n.Helper()
	o := into[chatapi.Offer](n, n.call(member, "POST", "/chat/rooms/"+roomID+"/images", fmt.Sprintf(`{"contentType":"image/png","bytes":%d}`, len(data))), http.StatusCreated)
	req, err := http.NewRequest("PUT", o.Upload.URL, bytes.NewReader(data))
	if err != nil {
		n.Fatal(err)
	}
	for name, value := range o.Upload.Headers {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		n.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		n.Fatal("upload:", resp.Status)
	}
	return o.ImageID
}

func TestPictures_areTheSameLiveReplayedAndOverREST(t *testing.T) {
	n, _ := startWithPictures(t)
	seePicture(t, n)
}

func seePicture(t *testing.T, n *node) {
	t.Helper()
	room := uuid.NewString()
	n.enter(room, 1)
	n.enter(room, 2)
	data := anImage(t)
	id := n.upload("member1", room, data)
	n.wantProblem("before it is sent", n.call("member2", "GET", "/chat/rooms/"+room+"/images/"+id, ""), 404, "not-found", "")

	c := n.dial("member1", "/chat/ws")
	c.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+room, "receipt:s")
	c.Want("RECEIPT")
	c.Send("SEND", `{"type":"IMAGE","imageId":"`+id+`","comment":"look"}`, "destination:/pub/chat/"+room)
	live := c.Want("MESSAGE", "seq:3").Body
	var m chatapi.Message
	if err := json.Unmarshal([]byte(live), &m); err != nil {
		t.Fatal(err)
	}
	want := &chatapi.Picture{ImageID: id, ContentType: "image/png", Bytes: int64(len(data)), Width: 40, Height: 20}
	if diff := cmp.Diff(want, m.Image); diff != "" || m.Type != chatapi.Image || m.Comment != "look" {
		t.Errorf("%+v\n%s", m, diff)
	}
	late := n.dial("member2", "/chat/ws")
	late.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+room, "last-seq:2")
	replayed := late.Want("MESSAGE").Body
	var page struct{ Items []json.RawMessage }
	if err := json.Unmarshal(n.call("member2", "GET", "/chat/rooms/"+room+"/messages?after=2", "").body, &page); err != nil || len(page.Items) != 1 {
		t.Fatal(page, err)
	}
	if replayed != live || string(page.Items[0]) != live {
		t.Errorf("live %s\nreplayed %s\nREST %s", live, replayed, page.Items[0])
	}

	there := n.call("member2", "GET", "/chat/rooms/"+room+"/images/"+id, "")
	if there.StatusCode != http.StatusFound || there.Header.Get("Cache-Control") != "no-store" {
		t.Fatal(there.Status, there.Header)
	}
	resp, err := http.Get(there.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(got, data) || resp.Header.Get("Content-Type") != "image/png" {
		t.Errorf("%s, %d octets, %v", resp.Status, len(got), err)
	}
}

func TestPictures_ofRefusedAndRepeatedSENDsCannotBeSeen(t *testing.T) {
	n, _ := startWithPictures(t)
	refusedLeaveNothing(t, n)
}

// refusedLeaveNothing needs a node of three uploads a minute, on which nobody made one.
func refusedLeaveNothing(t *testing.T, n *node) {
	t.Helper()
	room := uuid.NewString()
	n.enter(room, 1)
	n.enter(room, 2)
	seen := func(id string) string {
		return n.call("member1", "GET", "/chat/rooms/"+room+"/images/"+id, "").Status
	}
	c := n.dial("member2", "/chat/ws")
	c.Send("SUBSCRIBE", "", "id:e", "destination:/user/queue/errors", "receipt:s")
	c.Want("RECEIPT")
	send := func(id string, headers ...string) {
		c.Send("SEND", `{"type":"IMAGE","imageId":"`+id+`"}`, append(headers, "destination:/pub/chat/"+room, "receipt:r")...)
	}
	first, second, third := n.upload("member2", room, anImage(t)), n.upload("member2", room, anImage(t)), n.upload("member2", room, anImage(t))
	send(first, "idempotency-key:k")
	seq := c.Want("RECEIPT").Headers["seq"]
	send(second, "idempotency-key:k")
	c.Want("RECEIPT", "seq:"+seq)
	n.call("member2", "DELETE", "/chat/rooms/"+room+"/members/me", "")
	send(third)
	if body := c.Want("MESSAGE").Body; !strings.Contains(body, `problem:forbidden"`) {
		t.Errorf("who has left: %s", body)
	}
	for what, c := range map[string]struct{ id, status string }{"sent": {first, "302 Found"}, "of a known key": {second, "404 Not Found"}, "of one who has left": {third, "404 Not Found"}} {
		if got := seen(c.id); got != c.status {
			t.Errorf("a picture %s: %s, want %s", what, got, c.status)
		}
	}
}

func TestPictures_areRefused(t *testing.T) {
	n, away := startWithPictures(t)
	refusePictures(t, n, away)
}

// refusePictures needs a node of three uploads a minute, on which nobody made one.
func refusePictures(t *testing.T, n *node, away func()) {
	t.Helper()
	mine, other := uuid.NewString(), uuid.NewString()
	n.enter(mine, 1)
	n.enter(mine, 2)
	n.enter(other, 1)
	id := n.upload("member1", mine, anImage(t))
	images := "/chat/rooms/" + mine + "/images"
	n.wantProblem("a stranger uploads", n.call("stranger", "POST", images, `{"contentType":"image/png","bytes":1}`), 403, "forbidden", "")
	n.wantProblem("a stranger looks", n.call("stranger", "GET", images+"/"+id, ""), 403, "forbidden", "")
	n.wantProblem("a type that is not taken", n.call("member1", "POST", images, `{"contentType":"image/svg+xml","bytes":1}`), 400, "invalid", "contentType")
	n.wantProblem("too large", n.call("member1", "POST", images, `{"contentType":"image/png","bytes":5242881}`), 400, "invalid", "bytes")
	n.wantProblem("a field of nobody's", n.call("member1", "POST", images, `{"contentType":"image/png","bytes":1,"name":"x"}`), 400, "invalid", "name")
	n.wantProblem("an id that is a path", n.call("member1", "GET", images+"/%2e%2e", ""), 404, "not-found", "")

	c := n.dial("member1", "/chat/ws")
	c.Send("SUBSCRIBE", "", "id:e", "destination:/user/queue/errors", "receipt:s")
	c.Want("RECEIPT")
	b := n.dial("member2", "/chat/ws")
	b.Send("SUBSCRIBE", "", "id:e", "destination:/user/queue/errors", "receipt:s")
	b.Want("RECEIPT")
	send := func(imageID string) string { return `{"type":"IMAGE","imageId":"` + imageID + `"}` }
	refused := func(what, body, slug, field string) {
		t.Helper()
		if !strings.Contains(body, `problem:`+slug+`"`) || !strings.Contains(body, field) {
			t.Errorf("%s: got %s", what, body)
		}
	}
	c.Send("SEND", send(id), "destination:/pub/chat/"+other, "receipt:r")
	refused("into another room", c.Want("MESSAGE").Body, "invalid", `"imageId"`)
	c.Send("SEND", send(uuid.NewString()), "destination:/pub/chat/"+mine, "receipt:r")
	refused("never uploaded", c.Want("MESSAGE").Body, "invalid", `"imageId"`)
	b.Send("SEND", send(id), "destination:/pub/chat/"+mine, "receipt:r")
	refused("another's upload", b.Want("MESSAGE").Body, "invalid", `"imageId"`)

	away()
	c.Send("SEND", send(id), "destination:/pub/chat/"+mine, "receipt:r")
	c.Send("SEND", `{"type":"TEXT","comment":"hello"}`, "destination:/pub/chat/"+mine, "receipt:text")
	first, second := c.Next(), c.Next() // the text first, unless the picture gave up at once
	if first.Command == "MESSAGE" {
		first, second = second, first
	}
	if first.Command != "RECEIPT" || first.Headers["receipt-id"] != "text" {
		t.Errorf("text while S3 is away: got %v", first)
	}
	refused("while S3 is away", second.Body, "unavailable", "")
	n.wantProblem("a look while S3 is away", n.call("member1", "GET", images+"/"+id, ""), 503, "unavailable", "")

	for range 2 {
		n.wantProblem("a place while S3 is away", n.call("member1", "POST", images, `{"contentType":"image/png","bytes":1}`), 503, "unavailable", "")
	}
	n.wantProblem("the fourth in a minute", n.call("member1", "POST", images, `{"contentType":"image/png","bytes":1}`), 429, "too-many-requests", "")
}
