//go:build integration

package box_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"gorm.io/gorm"

	"github.com/sixseat/sixseat/infra/onebox/internal/balanced"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/pkg/token"
	chat "github.com/sixseat/sixseat/services/chat-service/app"
	match "github.com/sixseat/sixseat/services/match-service/app"
)

const libraryScript = "../interop/library.test.mjs"

// TestLibrary_losesNothing runs the page's client library in Node, against services whose
// chat node it may kill, stop and start.
func TestLibrary_losesNothing(t *testing.T) {
	node, modules := interopTools(t)
	cache := testenv.StartRedis(t)
	matchService := testenv.StartService(t, "../../../services/match-service", "DATABASE_URL="+migrated(t, "match", match.Migrate),
		"REDIS_URL="+cache.URL, "SIGNING_KEY="+token.NewSeed(), "LIMIT_MEMBERS_PER_ADDRESS=0", "DRAIN_NOTICE=0s", "DRAIN_WINDOW=0s")
	chatService := testenv.StartService(t, "../../../services/chat-service", "DATABASE_URL="+migrated(t, "chat", chat.Migrate),
		"REDIS_URL="+cache.URL, "JWKS_URL="+matchService.URL+"/match/.well-known/jwks.json", "DRAIN_NOTICE=0s", "DRAIN_WINDOW=1s",
		"LIMIT_SESSIONS=0") // what a killed node leaves counts for seconds yet, and five of them are a member's all
	control := http.NewServeMux()
	for path, do := range map[string]func() error{"/kill": chatService.Kill, "/stop": chatService.Stop, "/start": chatService.Start} {
		control.HandleFunc("POST "+path, func(w http.ResponseWriter, _ *http.Request) {
			if err := do(); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	steering := httptest.NewServer(control)
	t.Cleanup(steering.Close)

	cmd := exec.CommandContext(t.Context(), node, "--test", libraryScript)
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules,
		"SIXSEAT_URL="+balanced.Start(t, matchService.URL, chatService.URL), "SIXSEAT_CONTROL="+steering.URL)
	out, err := cmd.CombinedOutput()

	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// interopTools are Node and where the modules from the npm registry are.
func interopTools(t *testing.T) (node, modules string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("node is not on this machine: run make deps, or install it and put it on PATH")
	}
	if modules, err = filepath.Abs(interopModules); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(modules); err != nil {
		t.Fatal("the clients from the npm registry are not here: run make deps")
	}
	return node, modules
}

// migrated is a database for one service.
func migrated(t *testing.T, service string, migrate func(context.Context, gorm.Dialector) error) string {
	t.Helper()
	return testenv.NewDatabase(t, service+"_box", func(url string) error {
		d, err := database.Postgres(url)
		if err != nil {
			return err
		}
		return migrate(t.Context(), d)
	})
}
