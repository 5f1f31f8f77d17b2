package testenv

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // driver pgx
)

// StartPostgres starts a PostgreSQL server for this test alone, with options of its own
// such as "-c", "fsync=on".
func StartPostgres(tb testing.TB, options ...string) *Server {
	tb.Helper()
	return own(tb, func() (*Server, error) { return startPostgres(options...) })
}

var (
	databases atomic.Int64
	templates sync.Map // migration name -> func() (string, error), run once
)

// NewDatabase makes an empty database with the schema that migrate gives it, on the
// shared server, and returns its URL. migrate runs once per name and process; each
// test gets a clone of the result (CREATE DATABASE ... TEMPLATE).
func NewDatabase(tb testing.TB, name string, migrate func(url string) error) string {
	tb.Helper()
	server := sharedPostgres.get(tb, func() (*Server, error) { return startPostgres() })
	once, _ := templates.LoadOrStore(name, sync.OnceValues(func() (string, error) {
		template := "template_" + name
		if err := server.Exec("CREATE DATABASE " + template); err != nil {
			return "", err
		}
		if err := migrate(server.Database(template)); err != nil {
			return "", err
		}
		// A template must have no connections; migrate may have left some in a pool.
		return template, server.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + template + "'")
	}))
	template, err := once.(func() (string, error))()
	if err != nil {
		tb.Fatal(err)
	}
	db := fmt.Sprintf("test_%s_%d", name, databases.Add(1))
	if err := server.Exec("CREATE DATABASE " + db + " TEMPLATE " + template); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := server.Exec("DROP DATABASE " + db + " WITH (FORCE)"); err != nil {
			tb.Error(err)
		}
	})
	return server.Database(db)
}

// Database is the URL of a database of this PostgreSQL server.
func (s *Server) Database(name string) string {
	return strings.Replace(s.URL, "/postgres?", "/"+name+"?", 1)
}

// Exec runs one statement in the database postgres.
func (s *Server) Exec(statement string) error {
	db, err := sql.Open("pgx", s.URL)
	if err != nil {
		return fmt.Errorf("open %s: %w", s.URL, err)
	}
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func startPostgres(options ...string) (*Server, error) {
	initdb, err := find("initdb", "/usr/lib/postgresql/*/bin/initdb", "/opt/homebrew/opt/postgresql*/bin/initdb")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sixseat-postgres-")
	if err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	as, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	init := exec.Command(initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
	init.SysProcAttr = as
	if out, err := init.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	s := &Server{
		URL:  fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port),
		name: "postgres", remove: func() { _ = os.RemoveAll(dir) }, // a left-over folder in the temporary one harms nobody
	}
	s.command = func() *exec.Cmd {
		// fsync off: a killed process loses nothing the kernel has, and tests do not pull the plug.
		cmd := exec.Command(filepath.Join(filepath.Dir(initdb), "postgres"), "-D", data, "-k", dir, "-h", "127.0.0.1",
			"-p", strconv.Itoa(port), "-c", "fsync=off", "-c", "max_connections=400", "-c", "shared_buffers=64MB")
		cmd.Args = append(cmd.Args, options...) // the last of two alike counts
		cmd.SysProcAttr = as
		return cmd
	}
	s.ready = func() error { return s.Exec("SELECT 1") }
	return s, s.Start()
}

// unprivileged gives dir to the user postgres when we are root, as whom PostgreSQL
// refuses to run.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	attr := dieWithParent()
	if os.Getuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root and there is no user postgres: run make deps: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, fmt.Errorf("user postgres: %w", err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, fmt.Errorf("user postgres: %w", err)
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	return attr, nil
}
