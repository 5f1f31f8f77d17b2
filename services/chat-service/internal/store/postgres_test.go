//go:build integration

package store

import (
	"context"
	"testing"

	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/fault"
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

// A mark is stored between the moment at which a refused ticket has read the seat and
// that at which it writes what the seat has seen.
func TestPostgres_aSeatThatIsSeenKeepsWhatWasReadMeanwhile(t *testing.T) {
	url := testenv.NewDatabase(t, "chat", migrateURL)
	entering, reading := openURL(t, url), openURL(t, url)
	id := fullRoom(t, entering, 1)
	err := entering.db.Callback().Update().Before("gorm:update").Register("test:read", func(tx *gorm.DB) {
		if tx.Statement.Table == "seats" {
			mark(t, reading, markOf(id, 1, 1))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	late := ticket(id, 1)
	late.MemberID, late.Generation = "late", 2

	if _, _, err := entering.Enter(t.Context(), late, noon); !fault.Is(err, fault.Conflict) {
		t.Fatal(err)
	}

	room, err := entering.Room(t.Context(), id)
	if err != nil || room.Members[0].LastReadSeq != 1 {
		t.Errorf("%+v, %v; want it read up to 1", room.Members, err)
	}
}
