//go:build integration

package store

import (
	"context"
	"testing"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/testenv"
)

func TestPostgres_keepsTheStoresContract(t *testing.T) {
	contract(t, func(t *testing.T) *Store {
		d, err := database.Postgres(testenv.NewDatabase(t, "chat", migrateURL))
		if err != nil {
			t.Fatal(err)
		}
		return open(t, d)
	})
}

func migrateURL(url string) error {
	d, err := database.Postgres(url)
	if err != nil {
		return err
	}
	return Migrate(context.Background(), d)
}
