//go:build integration

package redispresence

import (
	"testing"

	"github.com/sixseat/sixseat/pkg/redistest"
	"github.com/sixseat/sixseat/pkg/testenv"

	"github.com/sixseat/sixseat/services/chat-service/internal/live"
)

func TestRedis_keepsThePresencesContract(t *testing.T) {
	contract(t, func(t *testing.T) live.Presence {
		url, prefix := testenv.SharedRedis(t)
		return New(redistest.Open(t, url), prefix)
	})
}
