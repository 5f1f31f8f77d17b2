//go:build integration

package redislimit

import (
	"testing"

	"github.com/sixseat/sixseat/pkg/limit"
	"github.com/sixseat/sixseat/pkg/redistest"
	"github.com/sixseat/sixseat/pkg/testenv"
)

func TestRedis_keepsTheCountersContract(t *testing.T) {
	contract(t, func(t *testing.T) limit.Counter {
		url, prefix := testenv.SharedRedis(t)
		return New(redistest.Open(t, url), prefix)
	})
}
