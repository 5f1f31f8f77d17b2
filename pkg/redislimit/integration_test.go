//go:build integration

package redislimit

import (
	"log/slog"
	"testing"

	"github.com/sixseat/sixseat/pkg/limit"
	"github.com/sixseat/sixseat/pkg/redisconn"
	"github.com/sixseat/sixseat/pkg/testenv"
)

func TestRedis_keepsTheCountersContract(t *testing.T) {
	contract(t, func(t *testing.T) limit.Counter {
		url, prefix := testenv.SharedRedis(t)
		client, err := redisconn.Open(url, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := client.Close(); err != nil {
				t.Error(err)
			}
		})
		return New(client, prefix)
	})
}
