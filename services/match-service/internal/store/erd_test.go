//go:build integration

package store_test

import (
	"database/sql"
	"testing"

	"github.com/sixseat/sixseat/pkg/erd"
	"github.com/sixseat/sixseat/pkg/testenv"
)

func TestPostgres_isDrawnAsItIs(t *testing.T) {
	db, err := sql.Open("pgx", testenv.NewDatabase(t, "match", func(url string) error { return migrate(t, url) }))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	erd.Fresh(t, db, "match-service's database", "../../docs/erd.svg")
}
