//go:build integration

package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

// startProcess runs the real binary with a room that member 1 is inside of, and returns
// it with a session of theirs.
func startProcess(t *testing.T, notice, window string) (*node, *testenv.Server, *stomptest.Client, string) {
	t.Helper()
	url := testenv.StartPostgres(t).URL
	d, err := database.Postgres(url)
	if err != nil {
		t.Fatal(err)
	}
	if err := Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	n := &node{TB: t, seed: token.NewSeed()}
	keys, err := json.Marshal(n.signer(0).KeySet())
	if err != nil {
		t.Fatal(err)
	}
	server := testenv.StartService(t, "..", "DATABASE_URL="+url, "VERIFY_KEYS="+string(keys), "DRAIN_NOTICE="+notice, "DRAIN_WINDOW="+window)
	n.addr = strings.TrimPrefix(server.URL, "http://")
	id := uuid.Must(uuid.NewV7()).String()
	if a := n.enter(id, 1); a.StatusCode != 201 {
		t.Fatalf("enter: %s %s", a.Status, a.body)
	}
	return n, server, n.dial("member1", "/chat/ws"), id
}

func TestProcess_SIGTERMReceiptsWhatWasBegunAndEndsWell(t *testing.T) {
	_, server, c, id := startProcess(t, "1s", "200ms")
	for i := range 20 {
		c.Send("SEND", `{"type":"TEXT","comment":"x"}`, "destination:/pub/chat/"+id, fmt.Sprint("receipt:", i))
	}
	c.Want("RECEIPT", "receipt-id:0")

	if err := server.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}

	for i := range 19 { // all were sent before the signal, and the node still serves for its notice
		c.Want("RECEIPT", fmt.Sprint("receipt-id:", i+1))
	}
	c.WantClose(1012)
	if err := server.Wait(); err != nil {
		t.Errorf("ended with %v, want exit code 0", err)
	}
}

// After the first signal alone it would take ten minutes; the second ends the process as if it had no
// handler, and what was receipted is in the database.
func TestProcess_secondSIGTERMEndsItNow(t *testing.T) {
	n, server, c, id := startProcess(t, "5m", "5m")
	c.Send("SEND", `{"type":"TEXT","comment":"x"}`, "destination:/pub/chat/"+id, "receipt:r")
	c.Want("RECEIPT", "receipt-id:r", "seq:2")
	if err := server.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); n.call("", "GET", "/chat/healthz", "").StatusCode != 503; {
		if time.Now().After(deadline) {
			t.Fatal("the node never began to drain")
		}
	}

	if err := server.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}

	var exit *exec.ExitError
	if err := server.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("ended with %v, want it ended by the signal", err)
	}
	c.WantClose(1006)
}
