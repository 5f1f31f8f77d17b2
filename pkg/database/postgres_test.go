//go:build integration

package database

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func connect(t *testing.T, url string) *gorm.DB {
	t.Helper()
	d, err := Postgres(url)
	if err != nil {
		t.Fatal(err)
	}
	db, err := Connect(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Close(db); err != nil {
			t.Error(err)
		}
	})
	return db
}

func empty(t *testing.T) string {
	t.Helper()
	return testenv.NewDatabase(t, "empty", func(string) error { return nil })
}

// The host vanishes while all connections are idle. Whoever asks next gets an answer
// from the one that took its place, after two pings that did not end.
func TestPostgres_isAskedByNewConnectionsWhenItsHostHasVanished(t *testing.T) {
	host := testenv.StartVanishing(t, empty(t))
	db := connect(t, host.URL)
	var open sync.WaitGroup
	for range maxConns - 1 {
		open.Go(func() {
			if err := db.WithContext(t.Context()).Exec("SELECT pg_sleep(0.3)").Error; err != nil {
				t.Error(err)
			}
		})
	}
	open.Wait()
	host.Vanish()
	<-time.After(pingAfter) // what was used just now is not asked

	ctx, cancel := context.WithTimeout(t.Context(), 3*pingTimeout)
	defer cancel()
	if err := db.WithContext(ctx).Exec("SELECT 1").Error; err != nil {
		t.Errorf("%v; the database answers again", err)
	}
}

// Readers take all of the pool: what has a connection of its own does not wait for them.
func TestReserve_isThereWhileThePoolIsTaken(t *testing.T) {
	db := connect(t, empty(t))
	own, err := Reserve(db)
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	var readers []*gorm.DB
	for range maxConns - 1 {
		readers = append(readers, db.Begin())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := own.ExecContext(ctx, "SELECT 1"); err != nil {
		t.Error(err)
	}
	for _, r := range readers {
		if err := r.Rollback().Error; err != nil {
			t.Error(err)
		}
	}
}

// A node that says nothing in the middle of a transaction loses it, and what it held.
func TestPostgres_endsATransactionThatIsAbandoned(t *testing.T) {
	url := empty(t)
	one, other := connect(t, url), connect(t, url)
	if err := one.Exec("CREATE TABLE held (id int PRIMARY KEY)").Error; err != nil {
		t.Fatal(err)
	}
	tx := one.Begin(&sql.TxOptions{})
	if err := tx.Exec("INSERT INTO held VALUES (1)").Error; err != nil {
		t.Fatal(err)
	}

	until := time.Now().Add(10 * maxIdleInTransaction)
	err := other.Exec("INSERT INTO held VALUES (1)").Error
	for ; err != nil && Away(err) && time.Now().Before(until); err = other.Exec("INSERT INTO held VALUES (1)").Error {
	}

	if err != nil {
		t.Errorf("what the abandoned transaction held is not free: %v", err)
	}
	if err := tx.Commit().Error; !Away(err) {
		t.Errorf("who comes back late is told %v; want that it may try again", err)
	}
}

// A transaction whose caller's time is over is taken back by another goroutine; who asks it
// for more right then is told that it is done, and may try again.
func TestPostgres_aTransactionThatEndedWithItsContextIsNoLastWord(t *testing.T) {
	db := connect(t, empty(t))
	ctx, cancel := context.WithCancel(t.Context())
	tx := db.WithContext(ctx).Begin(&sql.TxOptions{})
	if tx.Error != nil {
		t.Fatal(tx.Error)
	}
	cancel()

	var err error
	for until := time.Now().Add(10 * time.Second); !errors.Is(err, sql.ErrTxDone) && time.Now().Before(until); {
		err = tx.WithContext(t.Context()).Exec("SELECT 1").Error
	}

	if !errors.Is(err, sql.ErrTxDone) || !Away(err) {
		t.Errorf("%v; want that the transaction is done, and may be tried again", err)
	}
}

// While a deploy rolls, the program of before starts, and may migrate, on the schema of now.
func TestOpen_takesASchemaThatIsAhead(t *testing.T) {
	files := fstest.MapFS{"postgres/00001_one.sql": {Data: []byte("-- +goose Up\nCREATE TABLE one (id int);\n-- +goose Down\nDROP TABLE one;")}}
	before := Migrations{Files: maps.Clone(files), Dir: "."}
	files["postgres/00002_two.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE two (id int);\n-- +goose Down\nDROP TABLE two;")}
	now := Migrations{Files: files, Dir: "."}
	url := empty(t)
	db := connect(t, url)
	if err := now.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}

	if err := before.Migrate(t.Context(), db); err != nil {
		t.Errorf("the program of before migrates: %v", err)
	}
	d, err := Postgres(url)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Open(t.Context(), d, before)
	if err != nil {
		t.Fatalf("the program of before starts: %v", err)
	}
	defer Close(opened)
	if err := opened.Exec("INSERT INTO two VALUES (1)").Error; err != nil {
		t.Errorf("the schema of now is no longer there: %v", err)
	}
}

func TestPostgres_setsWhatFreesLocks(t *testing.T) {
	db := connect(t, empty(t))
	for name, want := range map[string]string{
		"lock_timeout": "500ms", "idle_in_transaction_session_timeout": "3s",
		"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "1", "tcp_keepalives_count": "5",
	} {
		var got string
		if err := db.Raw("SHOW " + name).Scan(&got).Error; err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
}

// A statement is planned while its table is nearly empty, and is asked when it has grown.
func TestPostgres_plansForTablesThatGrow(t *testing.T) {
	db := connect(t, empty(t))
	own, err := Reserve(db)
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	for name, conns := range map[string]*sql.DB{"pool": pool, "reserve": own} {
		if plan := planOverTime(t, conns); strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "few_pkey") {
			t.Errorf("%s: the plan reads all of the table:\n%s", name, plan)
		}
	}
	var mode string
	if err := own.QueryRowContext(t.Context(), "SHOW plan_cache_mode").Scan(&mode); err != nil || mode != "force_generic_plan" {
		t.Errorf("the reserved connection's plan_cache_mode is %q, %v", mode, err)
	}
}

// planOverTime is the plan of a statement that was prepared when its table had one row.
func planOverTime(t *testing.T, conns *sql.DB) (plan string) {
	t.Helper()
	conn, err := conns.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range []string{
		"CREATE TEMP TABLE few (id int PRIMARY KEY)", "INSERT INTO few VALUES (1)", "ANALYZE few",
		"PREPARE find AS SELECT f.id FROM unnest($1::int[]) AS w (id) JOIN few f USING (id)",
	} {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.QueryRowContext(t.Context(), "EXPLAIN (FORMAT JSON) EXECUTE find ('{1,2}')").Scan(&plan); err != nil {
		t.Fatal(err)
	}
	return plan
}
