// Package redistest opens a Redis for a test, as the services open theirs.
package redistest

import (
	"log/slog"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/redisconn"
)

// Open returns a client for a URL, see redisconn.Open. It is closed with the test.
func Open(tb testing.TB, url string) redis.UniversalClient {
	tb.Helper()
	client, err := redisconn.Open(url, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := client.Close(); err != nil {
			tb.Error(err)
		}
	})
	return client
}
