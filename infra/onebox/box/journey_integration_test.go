//go:build integration

package box_test

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/infra/onebox/box"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/pkg/token"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func TestJourney_onPostgresAndRedis(t *testing.T) { journey(t, start(t, servers(t)).URL()) }

func TestNoShow_onPostgresAndRedis(t *testing.T) {
	t.Setenv("NO_SHOW_AFTER", "1s")
	noShow(t, start(t, servers(t)))
}

// servers are stores of this test alone.
func servers(t *testing.T) box.Stores {
	t.Helper()
	options, err := redis.ParseURL(testenv.StartRedis(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	return box.Stores{
		Match: postgres(t, "match"), Chat: postgres(t, "chat"),
		Redis: redis.NewClient(options), SigningKey: token.NewSeed(),
	}
}

// postgres is an empty database; the system brings it up to date itself.
func postgres(t *testing.T, name string) gorm.Dialector {
	t.Helper()
	d, err := database.Postgres(testenv.NewDatabase(t, name, func(string) error { return nil }))
	if err != nil {
		t.Fatal(err)
	}
	return d
}
