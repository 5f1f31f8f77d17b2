package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sixseat/sixseat/pkg/fault"
)

// One row is locked by a node that stands still: who wants it is told to try again, and
// all others of the group are committed.
func TestGroup_aLockedRowFailsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		commits := 0
		g := newGroup(func(_ context.Context, items []string) ([]string, error) {
			commits++
			if slices.Contains(items, "held") {
				return nil, fmt.Errorf("commit: %w", &pgconn.PgError{Code: "55P03"})
			}
			return items, nil
		}, func(item string) string { return item }, newCounters().of("items"))
		defer g.close()
		var all sync.WaitGroup
		for _, item := range []string{"a", "b", "held", "c", "d"} {
			all.Go(func() {
				got, err := g.do(t.Context(), item)
				if held := item == "held"; held != fault.Is(err, fault.Unavailable) || !held && (got != item || err != nil) {
					t.Errorf("%s: %s, %v", item, got, err)
				}
			})
		}
		all.Wait()
		if commits > 2+5+retries {
			t.Errorf("%d commits", commits)
		}
	})
}
