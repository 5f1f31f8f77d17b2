//go:build integration

package store

import (
	"database/sql"
	"testing"

	"github.com/sixseat/sixseat/pkg/erd"
	"github.com/sixseat/sixseat/pkg/testenv"
)

func TestPostgres_isDrawnAsItIs(t *testing.T) {
	db, err := sql.Open("pgx", testenv.NewDatabase(t, "chat", migrateURL))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	erd.Fresh(t, db, "chat-service's database", "../../docs/erd.svg")
}
