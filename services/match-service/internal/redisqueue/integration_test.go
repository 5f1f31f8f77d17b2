//go:build integration

package redisqueue_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// TestQueue_onRedis runs all behaviours on a real Redis.
func TestQueue_onRedis(t *testing.T) {
	for name, behaves := range behaviours {
		t.Run(name, func(t *testing.T) {
			url, prefix := testenv.SharedRedis(t)
			opt, err := redis.ParseURL(url)
			if err != nil {
				t.Fatal(err)
			}
			rdb := redis.NewClient(opt)
			t.Cleanup(func() { _ = rdb.Close() })
			behaves(newWorld(t, rdb, prefix))
		})
	}
}
