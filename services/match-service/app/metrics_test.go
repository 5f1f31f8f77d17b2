package app_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/glebarez/sqlite"
	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/awstest"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/metrictest"
	"github.com/sixseat/sixseat/services/match-service/app"
)

// measured is a node and what is below it.
type measured struct {
	*world
	watch   *metrictest.Watch
	aws     *awstest.Secrets
	redis   redis.UniversalClient
	outside *sql.DB // the database, past the node
}

func newMeasured(t *testing.T) *measured {
	t.Helper()
	d := migratedSQLite(t).(*sqlite.Dialector)
	cfg := testConfig()
	cfg.NoShowAfter, cfg.DrainNotice = 200*time.Millisecond, 3*time.Second
	aws := inSecret(t, &cfg, signingKey)
	server := miniredis.RunT(t)
	w := start(t, cfg, app.Parts{Dialector: d, Redis: redis.NewClient(&redis.Options{Addr: server.Addr()}), Log: slog.New(slog.DiscardHandler)})
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	return &measured{w, metrictest.NewWatch(t, strings.TrimPrefix(w.adminURL, "http://")), aws, client, d.Conn.(*sql.DB)}
}

func (m *measured) exec(statement string, args ...any) {
	m.Helper()
	if _, err := m.outside.Exec(statement, args...); err != nil {
		m.Fatal(err)
	}
}

// tell says to the node what chat-service would.
func (m *measured) tell(e matchapi.Entry) {
	m.Helper()
	e.EntryID, e.At = fmt.Sprint(time.Now().UnixNano()), time.Now()
	if err := m.redis.XAdd(context.Background(), &redis.XAddArgs{Stream: matchapi.EntriesStream, Values: e.Values()}).Err(); err != nil {
		m.Error(err) // also from beat's goroutine
	}
}

// beat keeps the entry feed alive until the test ends.
func (m *measured) beat() {
	stop, stopped := make(chan struct{}), make(chan struct{})
	m.Cleanup(func() { close(stop); <-stopped })
	go func() {
		defer close(stopped)
		for {
			m.tell(matchapi.Entry{Kind: matchapi.KindHeartbeat})
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
}

// films are one of each rank, by popularity.
func (m *measured) films() (top, middle, tail string) {
	m.Helper()
	first := call[matchapi.Movies](m.world, "GET", "/match/movies?limit=100", "", "")
	second := call[matchapi.Movies](m.world, "GET", "/match/movies?limit=100&cursor="+first.NextCursor, "", "")
	return first.Items[9].MovieID, first.Items[10].MovieID, second.Items[0].MovieID
}

// Every metric that the README documents moves as it says there.
func TestMetrics_moveAsDocumented(t *testing.T) {
	m := newMeasured(t)
	top, middle, tail := m.films()
	m.watch.Moves("nobody is here", func() {}, map[string]string{
		"match_queue_length": "=0", "match_streams_open": "=0", `match_queue_waiting{rank="1-10"}`: "=0", "match_entry_feed_behind_seconds": "=+Inf",
		"match_signing_key_failing": "=0",
		fmt.Sprintf(`service_build_info{commit="unknown",goversion=%q,service="match-service",version="dev"}`, runtime.Version()): "=1",
	})
	people := m.members(9)
	m.watch.Moves("one waits and listens", func() { m.join(people[0], top); m.events(people[0]) }, map[string]string{
		"match_joins_total": "+1", "match_queue_length": "=1", "match_streams_open": "=1",
		`match_queue_waiting{rank="1-10"}`: "=1", `match_queue_waiting{rank="11-100"}`: "=0", `match_queue_waiting{rank="101+"}`: "=0",
		`match_commit_items_count{what="waits"}`: "+1", `match_commit_seconds_count{what="waits"}`: "+1",
		`http_requests_total{method="PUT",route="/match/queue",status="200"}`: "+1", `http_request_seconds_count{method="GET",route="/match/queue/events"}`: "+1",
	})
	m.watch.Moves("six meet", func() {
		for _, p := range people[1:6] {
			m.join(p, top)
		}
	}, map[string]string{
		`match_rooms_made_total{rank="1-10"}`: "+1", `match_wait_seconds_count{rank="1-10"}`: "+6", `match_rooms_made_total{rank="101+"}`: "+0",
		"match_room_commit_seconds_count": "+1", `match_commit_items_count{what="rooms"}`: "+1", "match_queue_length": "=0",
	})
	m.watch.Moves("nobody enters", m.beat, map[string]string{
		"match_entry_feed_behind_seconds": "<30", "match_no_shows_total": "+6",
	})
	var given matchapi.State
	m.watch.Moves("the next one comes", func() {
		for given.State != matchapi.Matched {
			given = m.join(people[6], top)
		}
	}, map[string]string{"match_seats_given_on_total": "+1", `match_wait_seconds_count{rank="1-10"}`: "+1"})
	m.watch.Moves("the first holder was there all the same", func() {
		for _, p := range people[:6] { // whoever lost the seat to the next one
			if s := m.state(p); s.State != matchapi.Matched {
				m.tell(matchapi.Entry{Kind: matchapi.KindEntered, RoomID: given.Room.RoomID, Seat: given.Seat, MemberID: p.MemberID, Generation: 1})
			}
		}
	}, map[string]string{"match_seats_taken_total": "+1"})
	m.watch.Moves("one of six has left, and the queue does not know", func() {
		for _, p := range people[:5] {
			m.do("DELETE", "/match/queue", p.Token, "")
			m.join(p, middle)
		}
		m.exec("UPDATE waits SET ended_at = 1, outcome = 'cancelled' WHERE member_id = ? AND ended_at IS NULL", people[0].MemberID)
		m.join(people[7], middle)
	}, map[string]string{"match_rooms_undone_total": "+1"})
	m.watch.Moves("a database that takes nothing", func() {
		m.exec("ALTER TABLE waits RENAME TO elsewhere")
		if r := m.do("PUT", "/match/queue", people[8].Token, `{"movieId":"`+tail+`"}`); r.status != http.StatusInternalServerError {
			t.Error(r)
		}
		m.exec("ALTER TABLE elsewhere RENAME TO waits")
	}, map[string]string{`match_commit_failures_total{what="waits"}`: "++"})
	m.watch.Moves("a secret that cannot be read", func() { m.aws.Refuse("AccessDeniedException") }, map[string]string{"match_signing_key_failing": "=1"})
	m.watch.Moves("and can again", func() { m.aws.Refuse("") }, map[string]string{"match_signing_key_failing": "=0"})
	m.watch.Moves("a drain", func() { go func() { _ = m.stop() }() }, map[string]string{`service_drains_total{told_by="signal"}`: "+1"})

	m.watch.Complete("../README.md")
	last := m.watch.Scrape().Series
	for _, name := range []string{"redis_pool_hit_total", `go_sql_max_open_connections{db_name="main"}`, "go_goroutines", "process_open_fds"} {
		if last[name] == 0 {
			t.Errorf("%s is 0 or not there", name)
		}
	}
}

// Ten times as many members and films, and whatever a client can make up, add no series.
func TestMetrics_haveNoLabelThatGrows(t *testing.T) {
	m := newMeasured(t)
	films := call[matchapi.Movies](m.world, "GET", "/match/movies?limit=100", "", "").Items
	evening := func(rooms int) {
		for i := range rooms {
			six := m.members(6)
			for _, p := range six {
				m.join(p, films[i*9].MovieID)
			}
			for _, p := range six {
				m.state(p)
				m.do("DELETE", "/match/queue", p.Token, "")
			}
			for _, path := range []string{"/match/movies/" + films[i].MovieID, "/match/movies/made-up-" + fmt.Sprint(i), fmt.Sprint("/nowhere/", i)} {
				m.do("GET", path, "", "")
				m.do(fmt.Sprint("MADEUP", i), path, "", "")
			}
		}
	}
	evening(1)
	m.watch.NothingNew(func() { evening(10) })
	last, made := m.watch.Scrape().Series, 0.0
	for _, rank := range []string{"1-10", "11-100", "101+"} {
		made += last[fmt.Sprintf("match_rooms_made_total{rank=%q}", rank)]
	}
	if made != 11 {
		t.Errorf("%v rooms were counted, want 11", made)
	}
}
