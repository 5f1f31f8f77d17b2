//go:build integration && bench

package store_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
	"github.com/sixseat/sixseat/services/match-service/internal/store"
)

// BenchmarkOpen commits waits on a PostgreSQL that syncs, one after the other and many at
// a time.
//
//	go test -tags integration,bench -run '^$' -bench Open ./services/match-service/internal/store
func BenchmarkOpen(b *testing.B) {
	server := testenv.StartPostgres(b, "-c", "fsync=on")
	d := dialector(b, server.URL)
	if err := store.Migrate(ctx, d); err != nil {
		b.Fatal(err)
	}
	s, err := store.Open(ctx, d)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	var joins atomic.Int64
	open := func(b *testing.B) {
		n := joins.Add(1)
		member := match.Member{ID: fmt.Sprintf("member-%d", n), Nickname: "user"}
		ask := match.Ask{Member: member, Films: []string{"heat-1995"}, JoinID: fmt.Sprintf("join-%d", n), At: time.Now()}
		if _, err := s.Open(ctx, ask); err != nil {
			b.Error(err)
		}
	}
	for _, askers := range []int{1, 64} {
		b.Run(fmt.Sprintf("askers=%d", askers), func(b *testing.B) {
			b.SetParallelism(askers)
			if askers == 1 {
				for b.Loop() {
					open(b)
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					open(b)
				}
			})
		})
	}
}
