//go:build integration

package app

import (
	"context"
	"testing"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/redistest"
	"github.com/sixseat/sixseat/pkg/testenv"
)

// realParts are parts on a database and a Redis of the test's own.
func realParts(t *testing.T, redis *testenv.Server) func() Parts {
	url := testenv.NewDatabase(t, "chat", func(url string) error {
		d, err := database.Postgres(url)
		if err != nil {
			return err
		}
		return Migrate(context.Background(), d)
	})
	return func() Parts {
		d, err := database.Postgres(url)
		if err != nil {
			t.Fatal(err)
		}
		return Parts{Dialector: d, Redis: redistest.Open(t, redis.URL)}
	}
}

func TestEvents_onTwoNodesOfPostgresAndRedis(t *testing.T) {
	events(t, realParts(t, testenv.StartRedis(t)))
}

// Redis goes away, forgets everything and comes back: nobody is called offline, REST does
// not know, and then all is as before. A node that ends takes its members with it.
func TestRedisAway_presenceIsNotKnownAndHealsByItself(t *testing.T) {
	redis := testenv.StartRedis(t)
	a, b, id := pair(t, realParts(t, redis))
	one := a.hear("member1", id)
	wantEvent(t, one, "online", 1, 0)
	b.hear("member2", id)
	wantEvent(t, one, "online", 2, 0)
	if err := redis.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "REST does not know of the third", func() bool { return a.online(id) == "++?" })
	three := a.hear("member3", id)
	wantEvent(t, one, "online", 3, 0)
	for n := 1; n <= 3; n++ { // without Redis: what this node knows, at once
		wantEvent(t, three, "online", n, 0)
	}
	if err := redis.Start(); err != nil {
		t.Fatal(err)
	}
	for _, n := range []*node{a, b} {
		eventually(t, "all is known again", func() bool { return n.online(id) == "+++" })
	}
	one.Quiet()
	b.stop()
	wantEvent(t, one, "offline", 2, 0)
	eventually(t, "REST knows", func() bool { return a.online(id) == "+-+" })
}
