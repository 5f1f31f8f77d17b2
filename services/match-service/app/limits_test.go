package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/services/match-service/app"
)

func newLimitedWorld(t *testing.T) *world {
	t.Helper()
	cfg := testConfig()
	cfg.LimitJoins, cfg.LimitStreams, cfg.LimitMembers = 3, 2, 5
	return start(t, cfg, app.Parts{Dialector: migratedSQLite(t), Redis: newMiniredis(t), Log: discard})
}

// tooMany expects a 429 that says when to come back.
func (w *world) tooMany(what string, r reply) {
	w.Helper()
	kind, _ := r.problem()
	if r.status != http.StatusTooManyRequests || kind != "too-many-requests" || r.header.Get("Retry-After") == "" {
		w.Errorf("%s: got %s, Retry-After %q", what, r, r.header.Get("Retry-After"))
	}
}

func TestLimits_joinsPerMember(t *testing.T) {
	w := newLimitedWorld(t)
	ada, bob := w.member("ada"), w.member("bob")
	for range 3 {
		w.join(ada, jaws)
	}

	w.tooMany("a fourth", w.do("PUT", "/match/queue", ada.Token, `{"movieId":"jaws-1975"}`))

	w.join(bob, jaws)
	w.equal("reading is free", w.state(ada).State, "waiting")
}

func TestLimits_streamsPerMember(t *testing.T) {
	w := newLimitedWorld(t)
	ada := w.member("ada")
	one := w.events(ada)
	w.events(ada)

	w.tooMany("a third", w.do("GET", "/match/queue/events", ada.Token, ""))

	one.close()
	one.ended()
	w.eventuallyStreams(ada.Token)
}

// eventuallyStreams opens a stream once the server has noticed that another is gone.
func (w *world) eventuallyStreams(bearer string) {
	w.Helper()
	for range 1000 {
		resp, err := w.request(w.Context(), "GET", "/match/queue/events", bearer, "")
		if err != nil {
			w.Fatal(err)
		}
		status := resp.StatusCode
		_ = resp.Body.Close()
		if status == http.StatusOK {
			return
		}
	}
	w.Fatal("the slot of a closed stream never became free")
}

func TestLimits_newMembersPerAddress(t *testing.T) {
	w := newLimitedWorld(t)
	from := func(address string) int {
		req, err := http.NewRequest("POST", w.url+"/match/members", strings.NewReader(`{"nickname":"ada"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Forwarded-For", "198.51.100.1, "+address)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	for range 5 {
		w.equal("member", from("192.0.2.1"), http.StatusCreated)
	}

	w.equal("one too many", from("192.0.2.1"), http.StatusTooManyRequests)
	w.equal("another address", from("192.0.2.2"), http.StatusCreated)
}
