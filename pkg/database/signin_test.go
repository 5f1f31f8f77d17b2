//go:build integration

package database

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sixseat/sixseat/pkg/testenv"
)

// askingPasswords starts a PostgreSQL that asks the user rotating for a password, and
// returns the URL without one.
func askingPasswords(t *testing.T) (*testenv.Server, string) {
	t.Helper()
	hba := filepath.Join(os.TempDir(), filepath.Base(t.TempDir())+t.Name()+".hba") // not in t.TempDir, which another user cannot read
	if err := os.WriteFile(hba, []byte("host all rotating all scram-sha-256\nhost all all all trust\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(hba) })
	server := testenv.StartPostgres(t, "-c", "hba_file="+hba)
	if err := server.Exec("CREATE ROLE rotating LOGIN PASSWORD 'one'"); err != nil {
		t.Fatal(err)
	}
	return server, strings.Replace(server.URL, "postgres@", "rotating@", 1)
}

// vault is where the password stands; it is read as often as it is asked for.
type vault struct {
	password atomic.Pointer[string]
	asked    atomic.Int64
}

func (v *vault) put(password string) { v.password.Store(&password) }

func (v *vault) get(_ context.Context, in SignIn) (string, error) {
	v.asked.Add(1)
	if in.Refused == "" && in.User == "rotating" && in.Plain && strings.HasPrefix(in.Endpoint, "127.0.0.1:") {
		return "one", nil // what somebody read a while ago
	}
	return *v.password.Load(), nil
}

// The password changes while the pool is open: connections stay, new ones are made with
// the new password, without a restart and without an error that anybody sees.
func TestPostgresAs_goesOnWhenThePasswordChanges(t *testing.T) {
	server, url := askingPasswords(t)
	var v vault
	v.put("one")
	d, err := Reach(t.Context(), url, v.get)
	if err != nil {
		t.Fatal(err)
	}
	db, err := Connect(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer Close(db)
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()

	if err := server.Exec("ALTER ROLE rotating PASSWORD 'two'"); err != nil {
		t.Fatal(err)
	}
	// The database has it, the vault has not: refused, and to be tried again.
	fresh, err := pool.Conn(t.Context())
	if err == nil {
		t.Fatal("signed in with the old password:", fresh.Close())
	}
	if !Away(err) || !strings.Contains(err.Error(), "28P01") {
		t.Errorf("%v; want that it may be tried again", err)
	}
	v.put("two")
	fresh, err = pool.Conn(t.Context())
	if err != nil {
		t.Fatalf("the new password is not taken: %v", err)
	}
	defer fresh.Close()
	own, err := Reserve(db)
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	if err := own.PingContext(t.Context()); err != nil {
		t.Errorf("the connection beside the pool: %v", err)
	}
	if _, err := kept.ExecContext(t.Context(), "SELECT 1"); err != nil {
		t.Errorf("a connection of before: %v", err)
	}
	if n := v.asked.Load(); n != 7 {
		t.Errorf("asked for a password %d times: once for the first connection, twice for each of three that were refused", n)
	}
}

func TestReach_saysThatThePasswordIsWrongAndNotWhich(t *testing.T) {
	_, url := askingPasswords(t)
	var v vault
	v.put("quincunx")
	if _, err := Reach(t.Context(), url, v.get); err != nil {
		t.Fatal(err) // the first is right
	}
	wrong := func(context.Context, SignIn) (string, error) { return "quincunx", nil }
	if _, err := Reach(t.Context(), url, wrong); err == nil || !strings.Contains(err.Error(), "password authentication failed") || strings.Contains(err.Error(), "quincunx") {
		t.Error(err)
	}
}
