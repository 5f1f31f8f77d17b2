//go:build integration

package match_test

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/services/match-service/internal/store"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func newRedis(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	opt, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClient(opt)
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// TestProperties_onRedis is TestProperties_onMiniredis on a real Redis.
func TestProperties_onRedis(t *testing.T) {
	checkProperties(t, newRedis(t, testenv.StartRedis(t).URL))
}

// TestRaces_onPostgresAndRedis runs 2,000 of each race.
func TestRaces_onPostgresAndRedis(t *testing.T) {
	server, prefix := testenv.SharedRedis(t)
	newRace(t, newPostgres(t), newRedis(t, server), prefix).run(2000)
}

func newPostgres(t *testing.T) *store.Store {
	t.Helper()
	d, err := database.Postgres(testenv.NewDatabase(t, "match", migrate))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// migrate leaves no connection open: a template with one cannot be cloned.
func migrate(url string) error {
	d, err := database.Postgres(url)
	if err != nil {
		return err
	}
	if err := store.Migrate(context.Background(), d); err != nil {
		return err
	}
	s, err := store.Open(context.Background(), d)
	if err != nil {
		return err
	}
	return s.Close()
}
