//go:build integration

package store_test

import (
	"testing"

	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/services/match-service/internal/store"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// TestStore_onPostgres runs all behaviours on a real PostgreSQL.
func TestStore_onPostgres(t *testing.T) {
	for name, behaves := range behaviours {
		t.Run(name, func(t *testing.T) {
			url := testenv.NewDatabase(t, "match", func(url string) error { return migrate(t, url) })
			behaves(newWorld(t, dialector(t, url)))
		})
	}
}

func dialector(t testing.TB, url string) gorm.Dialector {
	t.Helper()
	d, err := database.Postgres(url)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// migrate leaves no connection open: a template with one cannot be cloned.
func migrate(t *testing.T, url string) error {
	d := dialector(t, url)
	if err := store.Migrate(ctx, d); err != nil {
		return err
	}
	s, err := store.Open(ctx, d)
	if err != nil {
		return err
	}
	return s.Close()
}
