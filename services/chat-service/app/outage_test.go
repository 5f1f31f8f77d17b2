//go:build integration

package app

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/testenv"
)

// PostgreSQL is stopped while the service runs. A SEND is refused and never receipted,
// health stays well, and when the database is back everything goes on by itself.
func TestPostgresAway_isSaidAndHealsByItself(t *testing.T) {
	server := testenv.StartPostgres(t)
	d, err := database.Postgres(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	n := startNode(t, d)
	id := uuid.NewString()
	into[chatapi.Room](n, n.enter(id, 1), http.StatusCreated)
	into[chatapi.Room](n, n.enter(id, 2), http.StatusOK)
	heard, deaf, listener := n.dial("member1", "/chat/ws"), n.dial("member1", "/chat/ws"), n.dial("member2", "/chat/ws")
	heard.Send("SUBSCRIBE", "", "id:e", "destination:/user/queue/errors", "receipt:s")
	heard.Want("RECEIPT")
	listener.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+id, "receipt:s")
	listener.Want("RECEIPT")
	send := func(receipt string) (frame, destination, r string) {
		return `{"type":"TEXT","comment":"` + receipt + `"}`, "destination:/pub/chat/" + id, "receipt:" + receipt
	}
	body, to, receipt := send("before")
	deaf.Send("SEND", body, to, receipt)
	deaf.Want("RECEIPT", "receipt-id:before", "seq:3")
	heard.Send("SEND", body, to, "receipt:before2")
	heard.Want("RECEIPT", "receipt-id:before2", "seq:4")
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}

	body, to, receipt = send("away")
	heard.Send("SEND", body, to, receipt)
	f := heard.Want("MESSAGE", "subscription:e", "receipt-id:away")
	var p fault.Problem
	if err := json.Unmarshal([]byte(f.Body), &p); err != nil || p.Type != fault.TypePrefix+"unavailable" || p.Status != 503 {
		t.Errorf("got %v; want the problem that the store is away", f)
	}
	if strings.Contains(f.Body, "127.0.0.1") {
		t.Errorf("where the database is goes to nobody: %s", f.Body)
	}
	deaf.Send("SEND", body, to, receipt)
	deaf.Want("ERROR", "receipt-id:away")
	deaf.WantClose(1013)
	a := n.call("member1", "GET", "/chat/rooms", "")
	n.wantProblem("REST while it is away", a, 503, "unavailable", "")
	if a.Header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	if a := n.call("", "GET", "/chat/healthz", ""); a.StatusCode != http.StatusOK {
		t.Errorf("/chat/healthz says %s: the load balancer would take every node out", a.Status)
	}
	resp, err := http.Get("http://" + n.app.AdminAddr() + "/readyz")
	if err != nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("/readyz: %v, %v; want 503", resp, err)
	}
	_ = resp.Body.Close() // its status was all

	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	body, to, receipt = send("back")
	heard.Send("SEND", body, to, receipt)
	heard.Want("RECEIPT", "receipt-id:back", "seq:5")
	for _, seq := range []string{"seq:3", "seq:4", "seq:5"} {
		listener.Want("MESSAGE", seq)
	}
	page := into[chatapi.Messages](n, n.call("member1", "GET", "/chat/rooms/"+id+"/messages", ""), http.StatusOK)
	if len(page.Items) != 5 || page.Items[4].Comment != "back" {
		t.Errorf("stored: %+v", page.Items)
	}
}
