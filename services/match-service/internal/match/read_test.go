package match_test

import (
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

func TestRead_ofWhoNeverWaitedLeavesNothingInTheQueue(t *testing.T) {
	server := miniredis.RunT(t)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = rdb.Close() })
	r := newRace(t, newDatabase(t).Store, rdb, "")
	newcomer := match.Member{ID: "newcomer", Nickname: "n"}

	state, err := r.service.Read(t.Context(), newcomer)
	if err != nil || state.Kind != matchapi.Idle {
		t.Fatalf("the first look says %+v, %v; want idle", state, err)
	}
	for _, key := range server.Keys() {
		if strings.Contains(key, newcomer.ID) {
			t.Errorf("the queue remembers the newcomer as %s", key)
		}
	}
	if state, err = r.service.Join(t.Context(), newcomer, matchapi.Join{MovieID: "a"}); err != nil || state.Kind != matchapi.Waiting {
		t.Fatalf("the join says %+v, %v; want waiting", state, err)
	}
	if state, err = r.service.Read(t.Context(), newcomer); err != nil || state.Kind != matchapi.Waiting {
		t.Errorf("the look after it says %+v, %v; want waiting", state, err)
	}
}
