//go:build integration

package app_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/services/match-service/app"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// stores are real servers that a test may stop and start.
type stores struct {
	*testing.T
	cfg             app.Config
	postgres, redis *testenv.Server
}

func newStores(t *testing.T, postgres ...string) *stores {
	t.Helper()
	s := &stores{T: t, cfg: testConfig(), postgres: testenv.StartPostgres(t, postgres...), redis: testenv.StartRedis(t)}
	s.cfg.DatabaseURL, s.cfg.RedisURL = s.postgres.URL, s.redis.URL
	d, err := database.Postgres(s.cfg.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Migrate(context.Background(), d); err != nil {
		t.Fatal(err)
	}
	return s
}

// node starts one more match-service on the stores.
func (s *stores) node() *world {
	s.Helper()
	parts, err := app.Open(context.Background(), s.cfg, discard)
	if err != nil {
		s.Fatal(err)
	}
	return start(s.T, s.cfg, parts)
}

func (s *stores) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// eventually asks until the answer is 200.
func (w *world) eventually(method, path, bearer, body string) reply {
	w.Helper()
	for deadline := time.Now().Add(ceiling); ; <-time.After(20 * time.Millisecond) {
		r := w.do(method, path, bearer, body)
		if r.status == http.StatusOK {
			return r
		}
		if time.Now().After(deadline) {
			w.Fatalf("%s %s is still answered with %s", method, path, r)
		}
	}
}

func TestOutage_redisComesBackEmptyAndEverybodyHasTheOldPlace(t *testing.T) {
	s := newStores(t)
	w := s.node()
	members := w.members(3)
	var before []matchapi.State
	for _, m := range members {
		before = append(before, w.join(m, jaws))
	}
	stream := w.events(members[0])
	s.must(s.redis.Kill())
	s.must(s.redis.Start())

	for i, m := range []matchapi.Member{members[2], members[1]} { // the last one comes back first
		r := w.eventually("GET", "/match/queue", m.Token, "")
		got := decode[matchapi.State](w, r.body)
		w.equal("state", got.State, matchapi.Waiting)
		w.equal("joinedAt", got.JoinedAt, before[2-i].JoinedAt)
	}

	stream.until("the stream's own read puts its member back", func(st matchapi.State) bool {
		return st.State == matchapi.Waiting && st.Waiting == 3 && st.Place == 1
	})
}

func TestOutage_postgresAwayIsAnsweredAndForgotten(t *testing.T) {
	s := newStores(t)
	w := s.node()
	m := w.member("ada")
	s.must(s.postgres.Stop())

	r := w.do("PUT", "/match/queue", m.Token, `{"movieId":"`+jaws+`"}`)

	kind, _ := r.problem()
	w.equal("status", r.status, http.StatusServiceUnavailable)
	w.equal("kind", kind, "unavailable")
	w.equal("Retry-After", r.header.Get("Retry-After") != "", true)
	w.equal("alive all the same", w.do("GET", "/match/healthz", "", "").status, http.StatusOK)
	s.must(s.postgres.Start())
	w.eventually("PUT", "/match/queue", m.Token, `{"movieId":"`+jaws+`"}`)
}

func TestOutage_redisAwayIsAnsweredAndThePlaceIsKept(t *testing.T) {
	s := newStores(t)
	w := s.node()
	m := w.member("ada")
	first := w.join(m, jaws)
	s.must(s.redis.Kill())

	w.equal("queue", w.do("GET", "/match/queue", m.Token, "").status, http.StatusServiceUnavailable)
	w.equal("films", w.do("GET", "/match/movies", "", "").status, http.StatusOK)

	s.must(s.redis.Start())
	r := w.eventually("PUT", "/match/queue", m.Token, `{"movieId":"`+jaws+`"}`)
	w.equal("joinedAt", decode[matchapi.State](w, r.body).JoinedAt, first.JoinedAt)
}

func TestOutage_bothStoresRestartAndTheSixStillMeet(t *testing.T) {
	s := newStores(t)
	w := s.node()
	members := w.members(6)
	for _, m := range members[:5] {
		w.join(m, jaws)
	}
	// The sixth waits elsewhere, and moves once both stores have been away.
	w.join(members[5], pulp)
	stream := w.events(members[0])
	s.must(s.postgres.Stop())
	s.must(s.redis.Kill())
	s.must(s.redis.Start())
	s.must(s.postgres.Start())
	w.eventually("PUT", "/match/queue", members[5].Token, `{"movieId":"`+jaws+`"}`)
	for _, m := range members[1:5] {
		w.eventually("GET", "/match/queue", m.Token, "")
	}

	stream.until("matched", isMatched)
}

func TestNodes_tellEachOther(t *testing.T) {
	s := newStores(t)
	one, two := s.node(), s.node()
	members := one.members(6)
	var streams []*events
	for i, m := range members[:5] {
		node := []*world{one, two}[i%2]
		node.join(m, jaws)
		streams = append(streams, []*world{two, one}[i%2].events(m))
	}

	last := two.join(members[5], jaws)

	for _, e := range streams {
		one.equal("room", e.until("matched", isMatched).Room, last.Room)
	}
}

func TestNodes_whoeverStopsTheStreamsGoOnElsewhere(t *testing.T) {
	s := newStores(t)
	one, two := s.node(), s.node()
	m := one.member("ada")
	before := one.join(m, jaws)
	e := one.events(m)

	s.must(one.stop())

	e.ended()
	again := two.events(m).until("waiting", func(st matchapi.State) bool { return st.State == matchapi.Waiting })
	one.equal("joinedAt", again.JoinedAt, before.JoinedAt)
}
