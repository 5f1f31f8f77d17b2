//go:build integration && bench

package store_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
	"github.com/sixseat/sixseat/services/match-service/internal/store"
)

// BenchmarkOpen commits waits on a PostgreSQL that syncs, one after the other and many at
// a time.
//
//	go test -tags integration,bench -run '^$' -bench Open ./services/match-service/internal/store
func BenchmarkOpen(b *testing.B) {
	s := benchStore(b)
	var joins atomic.Int64
	compare(b, func() error {
		n := joins.Add(1)
		member := match.Member{ID: fmt.Sprintf("member-%d", n), Nickname: "user"}
		_, err := s.Open(ctx, match.Ask{Member: member, Films: []string{"heat-1995"}, JoinID: fmt.Sprintf("join-%d", n), At: time.Now()})
		return err
	})
}

// BenchmarkLast looks for members who never waited, as each who opens the page does.
func BenchmarkLast(b *testing.B) {
	s := benchStore(b)
	var members atomic.Int64
	compare(b, func() error {
		_, err := s.Last(ctx, fmt.Sprintf("member-%d", members.Add(1)))
		return err
	})
}

// BenchmarkEnter notes who entered, entry by entry and a page of the feed together.
func BenchmarkEnter(b *testing.B) {
	s := benchStore(b)
	for _, together := range []int{1, 60} {
		b.Run(fmt.Sprintf("together=%d", together), func(b *testing.B) {
			entries := seatedMembers(b, s, b.N)
			b.ResetTimer()
			for page := range slices.Chunk(entries, together) {
				var err error
				if together == 1 {
					_, err = s.Enter(ctx, page[0], time.Now(), func() string { return "" })
				} else {
					_, err = s.EnterAll(ctx, page)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// seatedMembers makes rooms and returns the entries of n of their members.
func seatedMembers(b *testing.B, s *store.Store, n int) []matchapi.Entry {
	var entries []matchapi.Entry
	for len(entries) < n {
		room := uuid.NewString()
		made := match.Made{ID: room, MovieID: "heat-1995", At: time.Now()}
		for seat := 1; seat <= matchapi.Seats; seat++ {
			join := uuid.NewString()
			st, err := s.Open(ctx, match.Ask{Member: match.Member{ID: join, Nickname: "user"}, Films: []string{"heat-1995"}, JoinID: join, At: time.Now()})
			if err != nil {
				b.Fatal(err)
			}
			made.Members = append(made.Members, st.Wait)
			entries = append(entries, matchapi.Entry{Kind: matchapi.KindEntered, RoomID: room, Seat: seat, Generation: 1, MemberID: join, At: time.Now()})
		}
		if _, lost, err := s.Make(ctx, made, "Heat"); err != nil || len(lost) > 0 {
			b.Fatal(lost, err)
		}
	}
	return entries[:n]
}

func benchStore(b *testing.B) *store.Store {
	d := dialector(b, testenv.StartPostgres(b, "-c", "fsync=on").URL)
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
	return s
}

// compare runs what one asks alone, and what many ask at a time.
func compare(b *testing.B, ask func() error) {
	for _, askers := range []int{1, 128} {
		b.Run(fmt.Sprintf("askers=%d", askers), func(b *testing.B) {
			var all sync.WaitGroup
			var left atomic.Int64
			left.Store(int64(b.N))
			for range askers {
				all.Go(func() {
					for left.Add(-1) >= 0 {
						if err := ask(); err != nil {
							b.Error(err)
						}
					}
				})
			}
			all.Wait()
		})
	}
}
