//go:build integration

package redisqueue_test

import (
	"fmt"
	"testing"

	"github.com/sixseat/sixseat/pkg/redistest"
	"github.com/sixseat/sixseat/pkg/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// TestQueue_onRedis runs all behaviours on a real Redis.
func TestQueue_onRedis(t *testing.T) {
	for name, behaves := range behaviours {
		t.Run(name, func(t *testing.T) {
			url, prefix := testenv.SharedRedis(t)
			behaves(newWorld(t, redistest.Open(t, url), prefix))
		})
	}
}

// TestQueue_onACluster runs all behaviours on a Redis Cluster, which takes a step only if
// all its keys lie in one slot.
func TestQueue_onACluster(t *testing.T) {
	rdb := redistest.Open(t, testenv.StartRedisCluster(t).URL)
	n := 0
	for name, behaves := range behaviours {
		n++
		t.Run(name, func(t *testing.T) { behaves(newWorld(t, rdb, fmt.Sprintf("world%d:", n))) })
	}
}

// TestQueue_sendsItsScriptsAgain when Redis has forgotten them.
func TestQueue_sendsItsScriptsAgain(t *testing.T) {
	url, prefix := testenv.SharedRedis(t)
	w := newWorld(t, redistest.Open(t, url), prefix)
	w.join("m1", "film")
	w.ok(w.rdb.ScriptFlush(t.Context()).Err())

	w.equal("known", w.touch("m1").Known, true)
}
