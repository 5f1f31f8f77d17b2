//go:build integration

package box_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/sixseat/sixseat/infra/onebox/box"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/token"
)

// Where make deps puts what interop/package-lock.json names, and who uses it.
const (
	interopModules = "../../../.cache/interop/node_modules"
	interopScripts = "../interop/*.test.js"
)

// interopRooms is how many rooms the scripts share: one for each script.
const interopRooms = 4

// world is what interop/world.js reads.
type world struct {
	URL          string      `json:"url"`
	ExpiredToken string      `json:"expiredToken"`
	Rooms        []worldRoom `json:"rooms"`
}

type worldRoom struct {
	RoomID  string            `json:"roomId"`
	Members []matchapi.Member `json:"members"`
}

// TestInterop_stockClients runs clients that others wrote, in Node, against the whole
// system through the load balancer.
func TestInterop_stockClients(t *testing.T) {
	node, modules := interopTools(t)
	scripts, err := filepath.Glob(interopScripts)
	if err != nil || len(scripts) != interopRooms {
		t.Fatalf("found the scripts %v, %v; want %d", scripts, err, interopRooms)
	}
	stores := servers(t)
	file := filepath.Join(t.TempDir(), "world.json")
	w, err := json.Marshal(people(t, start(t, stores), stores.SigningKey))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, w, 0o600); err != nil {
		t.Fatal(err)
	}

	cmd := exec.CommandContext(t.Context(), node, append([]string{"--test"}, scripts...)...)
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules, "SIXSEAT_WORLD="+file)
	out, err := cmd.CombinedOutput()

	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// people fills rooms with members.
func people(t *testing.T, b *box.Box, signingKey string) world {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), journeyCeiling)
	defer cancel()
	film := pick(t, ctx, b.URL())[0]
	w := world{URL: b.URL(), ExpiredToken: expired(t, signingKey)}
	for r := range interopRooms {
		members, roomID := six(t, ctx, b.URL(), film, fmt.Sprintf("client %d/", r))
		seats := make([]matchapi.Member, len(members))
		for i, m := range members {
			seats[i] = m.Member
		}
		w.Rooms = append(w.Rooms, worldRoom{roomID, seats})
	}
	return w
}

// expired is a token that was good until an hour ago.
func expired(t *testing.T, signingKey string) string {
	t.Helper()
	past, err := token.NewSigner(signingKey, func() time.Time { return time.Now().Add(-token.MemberLife - time.Hour) })
	if err != nil {
		t.Fatal(err)
	}
	raw, _, err := past.Member("somebody", "somebody")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
