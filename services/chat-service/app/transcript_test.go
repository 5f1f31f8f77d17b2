package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestTranscript_isForMembersAndWhole(t *testing.T) {
	n := startOnSQLite(t)
	room := uuid.NewString()
	n.enter(room, 1)
	n.enter(room, 2)
	c := n.dial("member1", "/chat/ws")
	for i := range 450 { // three pages
		c.Send("SEND", fmt.Sprintf(`{"type":"TEXT","comment":"line %d\nand <more>"}`, i), "destination:/pub/chat/"+room)
	}
	c.Send("SEND", `{"type":"TEXT","comment":"end"}`, "destination:/pub/chat/"+room, "receipt:end")
	c.Want("RECEIPT", "receipt-id:end")

	path := "/chat/rooms/" + room + "/transcript"
	a := n.call("member2", "GET", path, "")
	lines := strings.SplitAfter(strings.TrimSuffix(string(a.body), "\n"), "\n")
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "application/jsonl" || len(lines) != 453 || !strings.Contains(a.Header.Get("Content-Disposition"), `filename="Sixseat Film `) {
		t.Fatal(a.Status, a.Header, len(lines))
	}
	var second struct{ Items []json.RawMessage }
	if err := json.Unmarshal(n.call("member2", "GET", "/chat/rooms/"+room+"/messages?after=200&limit=200", "").body, &second); err != nil {
		t.Fatal(err)
	}
	for i, m := range second.Items {
		if lines[200+i] != string(m)+"\n" {
			t.Fatalf("line %d is %s, over REST it is %s", 200+i, lines[200+i], m)
		}
	}
	text := n.call("member2", "GET", path, "", "Accept", "text/plain")
	for _, part := range []string{"Film\nRoom " + room, " nick of member1: line 7\n    and <more>\n", " * nick of member2 entered\n", ": end\n"} {
		if !strings.Contains(string(text.body), part) {
			t.Errorf("the text lacks %q", part)
		}
	}
	if text.Header.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.Contains(text.Header.Get("Content-Disposition"), ".txt") {
		t.Error(text.Header)
	}
	head := n.call("member2", "HEAD", path, "")
	if head.StatusCode != http.StatusOK || len(head.body) > 0 || head.Header.Get("Content-Disposition") != a.Header.Get("Content-Disposition") {
		t.Error(head.Status, head.Header)
	}

	n.wantProblem("a stranger", n.call("stranger", "GET", path, ""), 403, "forbidden", "")
	n.wantProblem("nobody", n.call("", "GET", path, ""), 401, "unauthenticated", "")
	n.wantProblem("no such room", n.call("member1", "GET", "/chat/rooms/5/transcript", ""), 403, "forbidden", "")
	n.wantProblem("a form that it has not", n.call("member1", "GET", path+"?format=pdf", ""), 400, "invalid", "format")
	if a := n.call("stranger", "HEAD", path, ""); a.StatusCode != http.StatusForbidden {
		t.Error("a stranger's HEAD:", a.Status)
	}
	n.call("member2", "DELETE", "/chat/rooms/"+room+"/members/me", "")
	n.wantProblem("one who left", n.call("member2", "GET", path, ""), 403, "forbidden", "")
}
