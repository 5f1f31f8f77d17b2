package app_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/glebarez/sqlite"
	"github.com/redis/go-redis/v9"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/apidocs"
	"github.com/sixseat/sixseat/pkg/apitest"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/services/match-service/app"
)

// ceiling is how long something may take that takes milliseconds; it is only waited for
// when a test fails.
const ceiling = 30 * time.Second

var signingKey = token.NewSeed()

// world is a running match-service, reached over HTTP alone.
type world struct {
	*testing.T
	url, adminURL string
	stop          func() error // ends the node as SIGTERM would and waits for it
}

// newWorld starts a node on the embedded stores.
func newWorld(t *testing.T) *world {
	t.Helper()
	return start(t, testConfig(), app.Parts{Dialector: migratedSQLite(t), Redis: newMiniredis(t), Log: discard})
}

// migrated is a database file with all films: importing them for each test takes long.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "sixseat-match-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "match.db")
	db, d, err := openSQLite(file)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(app.Migrate(context.Background(), d), db.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

func migratedSQLite(t *testing.T) gorm.Dialector {
	t.Helper()
	data, err := migrated()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "match.db")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return sqliteAt(t, file)
}

func emptySQLite(t *testing.T) gorm.Dialector {
	t.Helper()
	return sqliteAt(t, filepath.Join(t.TempDir(), "match.db"))
}

func sqliteAt(t *testing.T, file string) gorm.Dialector {
	t.Helper()
	db, d, err := openSQLite(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // the service has closed it already
	return d
}

func openSQLite(file string) (*sql.DB, gorm.Dialector, error) {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	return db, &sqlite.Dialector{Conn: db}, nil
}

var discard = slog.New(slog.DiscardHandler)

func testConfig() app.Config {
	return app.Config{
		Config:     service.Config{Addr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0"},
		SigningKey: signingKey,
	}
}

func newMiniredis(t *testing.T) redis.UniversalClient {
	t.Helper()
	return redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
}

func start(t *testing.T, cfg app.Config, parts app.Parts) *world {
	t.Helper()
	a, err := app.New(context.Background(), cfg, parts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	w := &world{T: t, url: "http://" + a.Addr(), adminURL: "http://" + a.AdminAddr()}
	w.stop = sync.OnceValue(func() error {
		cancel()
		if err := <-ended; err != nil {
			return err
		}
		return a.Close()
	})
	t.Cleanup(func() {
		if err := w.stop(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// reply is an answer that was read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) String() string { return fmt.Sprintf("%d %s", r.status, r.body) }

// problem reads the fields of a problem that name what was wrong.
func (r reply) problem() (kind string, fields []string) {
	var p struct {
		Type   string
		Errors []struct{ Field string }
	}
	if json.Unmarshal(r.body, &p) != nil {
		return "not a problem: " + string(r.body), nil
	}
	for _, e := range p.Errors {
		fields = append(fields, e.Field)
	}
	return strings.TrimPrefix(p.Type, "urn:sixseat:problem:"), fields
}

// do may be called from any goroutine: a request that fails is an answer of status 0.
func (w *world) do(method, path, bearer, body string) reply {
	w.Helper()
	resp, err := w.request(context.Background(), method, path, bearer, body)
	if err != nil {
		return reply{body: []byte(err.Error())}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{body: []byte(err.Error())}
	}
	return reply{resp.StatusCode, resp.Header, data}
}

// client follows no redirects, waits for nothing for ever, and takes only answers that
// match-service's document has.
var client = &http.Client{
	Transport:     apitest.Transport{Document: apidocs.MatchOpenAPI},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (w *world) request(ctx context.Context, method, path, bearer, body string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, w.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	if w.url == w.adminURL { // no client is promised anything of that listener
		return http.DefaultClient.Do(req)
	}
	return client.Do(req)
}

// call is do for what must be answered with 200 and a T.
func call[T any](w *world, method, path, bearer, body string) T {
	w.Helper()
	r := w.do(method, path, bearer, body)
	if r.status != http.StatusOK && r.status != http.StatusCreated {
		w.Fatalf("%s %s: %s", method, path, r)
	}
	return decode[T](w, r.body)
}

func decode[T any](w *world, data []byte) T {
	w.Helper()
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		w.Fatalf("%s: %v", data, err)
	}
	return v
}

func (w *world) member(nickname string) matchapi.Member {
	w.Helper()
	return call[matchapi.Member](w, "POST", "/match/members", "", `{"nickname":"`+nickname+`"}`)
}

func (w *world) members(n int) []matchapi.Member {
	w.Helper()
	list := make([]matchapi.Member, n)
	for i := range list {
		list[i] = w.member(fmt.Sprintf("user%d", i+1))
	}
	return list
}

func (w *world) join(m matchapi.Member, film string) matchapi.State {
	w.Helper()
	return call[matchapi.State](w, "PUT", "/match/queue", m.Token, `{"movieId":"`+film+`"}`)
}

func (w *world) state(m matchapi.Member) matchapi.State {
	w.Helper()
	return call[matchapi.State](w, "GET", "/match/queue", m.Token, "")
}

// events opens the member's event stream. It ends with the test.
func (w *world) events(m matchapi.Member) *events {
	w.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w.Cleanup(cancel)
	resp, err := w.request(ctx, "GET", "/match/queue/events", m.Token, "")
	if err != nil {
		w.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		w.Fatalf("events: %d %s", resp.StatusCode, body)
	}
	e := &events{w: w, resp: resp, states: make(chan matchapi.State, 100), close: cancel}
	go e.read()
	return e
}

// events are the states that an event stream has told.
type events struct {
	w      *world
	resp   *http.Response
	states chan matchapi.State // closed when the stream has ended
	close  func()
}

func (e *events) read() {
	defer close(e.states)
	defer e.resp.Body.Close()
	name := ""
	for lines := bufio.NewScanner(e.resp.Body); lines.Scan(); {
		if v, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			name = v
		}
		if v, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: ")); ok && name == "state" {
			var s matchapi.State
			if json.Unmarshal(v, &s) == nil {
				e.states <- s
			}
		}
	}
}

// until returns the first state for which cond holds.
func (e *events) until(what string, cond func(matchapi.State) bool) matchapi.State {
	e.w.Helper()
	timeout := time.After(ceiling)
	for {
		select {
		case s, open := <-e.states:
			if !open {
				e.w.Fatalf("the stream ended before: %s", what)
			}
			if cond(s) {
				return s
			}
		case <-timeout:
			e.w.Fatalf("never told: %s", what)
		}
	}
}

// ended waits for the end of the stream.
func (e *events) ended() {
	e.w.Helper()
	timeout := time.After(ceiling)
	for {
		select {
		case _, open := <-e.states:
			if !open {
				return
			}
		case <-timeout:
			e.w.Fatal("the stream did not end")
		}
	}
}

func isMatched(s matchapi.State) bool { return s.State == matchapi.Matched }

func (w *world) equal(what string, got, want any) {
	w.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.Errorf("%s: got %v, want %v", what, got, want)
	}
}
