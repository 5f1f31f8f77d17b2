package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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

// paced is a group whose commits take a millisecond, and when they began, by their size.
func paced(t *testing.T) (g *group[int, int], began func() []string) {
	var mu sync.Mutex
	var seen []string
	start := time.Now()
	g = newGroup(func(_ context.Context, items []int) ([]int, error) {
		mu.Lock()
		seen = append(seen, fmt.Sprintf("%d at %v", len(items), time.Since(start)))
		mu.Unlock()
		time.Sleep(time.Millisecond)
		return items, nil
	}, func(item int) string { return fmt.Sprint(item) }, newCounters().of("items"))
	t.Cleanup(g.close)
	return g, func() []string { mu.Lock(); defer mu.Unlock(); return seen }
}

func TestGroup_whoIsAloneNeverLingers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, began := paced(t)
		for item := range 3 {
			if _, err := g.do(t.Context(), item); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Microsecond) // nobody asks in the same moment
		}
		if got, want := began(), []string{"1 at 0s", "1 at 1.001ms", "1 at 2.002ms"}; !slices.Equal(got, want) {
			t.Errorf("commits of %v, want %v", got, want)
		}
	})
}

func TestGroup_manyShareTheNextCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, began := paced(t)
		var all sync.WaitGroup
		ask := func(item int) {
			if _, err := g.do(t.Context(), item); err != nil {
				t.Error(err)
			}
		}
		all.Go(func() { ask(0) })
		synctest.Wait() // its commit has begun
		for item := range 4 {
			all.Go(func() { ask(item + 1) })
			all.Go(func() {
				time.Sleep(time.Millisecond + linger - time.Microsecond)
				ask(item + 10)
			})
		}
		all.Wait()
		if got, want := began(), []string{"1 at 0s", "4 at 3ms", "4 at 6ms"}; !slices.Equal(got, want) {
			t.Errorf("commits of %v, want %v", got, want)
		}
	})
}
