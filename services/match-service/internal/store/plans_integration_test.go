//go:build integration

package store

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// A partial index, of the few rows that are open, holds all that were open before, until the
// next vacuum. Whoever looks up single rows must not read it whole, whatever PostgreSQL
// knows of the table: nothing at first, later that few are open, of few or of many.
func TestPlans_noPartialIndexIsReadWholeForSingleRows(t *testing.T) {
	d, err := database.Postgres(testenv.NewDatabase(t, "match_plans", func(url string) error {
		d, err := database.Postgres(url)
		if err != nil {
			return err
		}
		return Migrate(t.Context(), d)
	}))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	lookUps := map[string][]any{
		"lock_open_waits": {`["m"]`}, "lock_joins": {`["j"]`}, "unentered_seats": {`["m"]`, 0}, "last_waits": {`["m"]`},
		"end_waits": {1, "matched", `[1]`}, "expire_waits": {1, 1, `["j"]`}, "ask_again": {1, `[1]`},
		"lock_entries": {`[]`}, "enter_seats": {`[]`}, "entered_alone": {`[]`},
	}
	var partial []string
	if err := s.db.Raw("SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL").Scan(&partial).Error; err != nil || len(partial) == 0 {
		t.Fatalf("partial indexes: %v, %v", partial, err)
	}
	check := func(when string) {
		for name, args := range lookUps {
			var text string
			if err := s.db.Raw("EXPLAIN (FORMAT JSON) "+s.sql[name], args...).Scan(&text).Error; err != nil {
				t.Fatal(name, err)
			}
			var plan any
			if err := json.Unmarshal([]byte(text), &plan); err != nil {
				t.Fatal(name, err)
			}
			for _, index := range readWhole(plan) {
				if slices.Contains(partial, index) {
					t.Errorf("%s, %s: all of %s is read:\n%s", when, name, index, text)
				}
			}
		}
	}
	check("in an empty database")
	for _, id := range []string{"m", "n"} {
		ask := match.Ask{Member: match.Member{ID: id, Nickname: id}, Films: []string{"film"}, JoinID: "j" + id, At: time.Now()}
		if _, err := s.Open(context.Background(), ask); err != nil {
			t.Fatal(err)
		}
	}
	run := func(statement string) {
		if err := s.db.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	run("ANALYZE waits, seats")
	check("while two wait")
	run(`INSERT INTO waits (join_id, member_id, nickname, movie_id, also_movie_ids, joined_at, asked_at, ended_at, outcome)
		SELECT 'old' || n, 'was' || n, 'name', 'film', '', n, n, n, 'matched' FROM generate_series(1, 6000) n`)
	run("INSERT INTO rooms SELECT 'room' || n, 'film', 'Film', n FROM generate_series(1, 1000) n")
	run(`INSERT INTO seats (room_id, seat, generation, member_id, nickname, join_id, given_at, entered_at)
		SELECT 'room' || r, s, 1, 'was' || 6 * r + s, 'name', 'old' || 6 * r + s, r, r FROM generate_series(1, 1000) r, generate_series(1, 6) s`)
	run("ANALYZE waits, rooms, seats")
	check("while two wait, after thousands")
}

// readWhole are the indexes that a plan reads without a condition.
func readWhole(plan any) (found []string) {
	switch node := plan.(type) {
	case []any:
		for _, n := range node {
			found = append(found, readWhole(n)...)
		}
	case map[string]any:
		index, reads := node["Index Name"].(string)
		if _, some := node["Index Cond"]; reads && !some {
			found = append(found, index)
		}
		for _, n := range node {
			found = append(found, readWhole(n)...)
		}
	}
	return found
}
