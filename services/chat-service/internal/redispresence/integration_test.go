//go:build integration

package redispresence

import (
	"log/slog"
	"testing"

	"github.com/sixseat/sixseat/pkg/redisconn"
	"github.com/sixseat/sixseat/pkg/testenv"

	"github.com/sixseat/sixseat/services/chat-service/internal/live"
)

func TestRedis_keepsThePresencesContract(t *testing.T) {
	contract(t, func(t *testing.T) live.Presence {
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
