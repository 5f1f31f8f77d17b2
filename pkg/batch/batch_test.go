package batch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sixseat/sixseat/pkg/fault"
)

var limits = Limits{Window: 5 * time.Millisecond, Timeout: time.Second, Most: 100}

// doubler answers each even key with its double, and remembers what it was asked.
type doubler struct {
	mu    sync.Mutex // guards asked
	asked [][]int

	take time.Duration
	err  error
}

func (d *doubler) read(ctx context.Context, keys []int) (map[int]int, error) {
	d.mu.Lock()
	keys = slices.Sorted(slices.Values(keys))
	d.asked = append(d.asked, keys)
	d.mu.Unlock()
	select {
	case <-time.After(d.take):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	answers := map[int]int{}
	for _, k := range keys {
		if k%2 == 0 {
			answers[k] = 2 * k
		}
	}
	return answers, d.err
}

func TestGet_asksForAllOfOneWindowTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &doubler{}
		b := New(d.read, limits)
		var all sync.WaitGroup
		for _, at := range []time.Duration{0, 0, 1, 4, limits.Window + 1, limits.Window + 2} {
			for key := range 3 {
				all.Go(func() {
					time.Sleep(at)
					got, err := b.Get(t.Context(), key)
					if want := map[int]int{2: 4}[key]; got != want || err != nil {
						t.Errorf("%d: %d, %v", key, got, err)
					}
				})
			}
		}
		all.Wait()
		if diff := cmp.Diff(d.asked, [][]int{{0, 1, 2}, {0, 1, 2}}); diff != "" {
			t.Error(diff)
		}
	})
}

// A storm lasts longer than a window: what comes at 1,000 a second for a second is asked
// for some 50 times, not 200; who comes alone waits for the window and no longer.
func TestGet_asksNoMoreOftenThanItMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &doubler{}
		paced := limits
		paced.Between = 25 * time.Millisecond
		b := New(d.read, paced)
		alone := func() {
			t.Helper()
			begin := time.Now()
			if _, err := b.Get(t.Context(), 2); err != nil || time.Since(begin) != paced.Window {
				t.Error("alone, waited", time.Since(begin), err)
			}
		}
		alone()
		time.Sleep(paced.Between)
		var all sync.WaitGroup
		for i := range 1_000 {
			all.Go(func() {
				begin := time.Now()
				if _, err := b.Get(t.Context(), i); err != nil || time.Since(begin) > paced.Between {
					t.Error("in the storm, waited", time.Since(begin), err)
				}
			})
			time.Sleep(time.Millisecond)
		}
		all.Wait()
		if n := len(d.asked) - 1; n < 40 || n > 40+free+2 {
			t.Errorf("%d queries", n)
		}
		time.Sleep(paced.Between)
		alone()
	})
}

// Full queries run at once, so their pace is no debt: who comes behind 500 of them waits
// for the next turn, not for 500.
func TestGet_isNotHeldUpByFullQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &doubler{}
		paced := limits
		paced.Between = 25 * time.Millisecond
		b := New(d.read, paced)
		begin := time.Now()
		var all sync.WaitGroup
		for key := range 500*paced.Most + 1 {
			all.Go(func() {
				if _, err := b.Get(t.Context(), key); err != nil || time.Since(begin) > paced.Between {
					t.Error(key, "waited", time.Since(begin), err)
				}
			})
		}
		all.Wait()
		if len(d.asked) != 501 {
			t.Errorf("%d queries", len(d.asked))
		}
	})
}

// With enough askers a query need not wait for its time, but for the one that runs: a storm
// that comes at once is two queries.
func TestGet_doesNotWaitWithEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &doubler{take: 2 * time.Millisecond}
		paced := limits
		paced.Between, paced.Enough = 25*time.Millisecond, 10
		b := New(d.read, paced)
		begin := time.Now()
		var all sync.WaitGroup
		for key := range 50 {
			all.Go(func() {
				if _, err := b.Get(t.Context(), key); err != nil || time.Since(begin) > 2*d.take {
					t.Error(key, "waited", time.Since(begin), err)
				}
			})
		}
		all.Wait()
		if len(d.asked) != 2 || len(d.asked[0]) != 10 || len(d.asked[1]) != 40 {
			t.Errorf("%d queries: %v", len(d.asked), d.asked)
		}
		begin = time.Now()
		if _, err := b.Get(t.Context(), 2); err != nil || time.Since(begin) != paced.Window+d.take {
			t.Error("alone, waited", time.Since(begin), err)
		}
	})
}

// A full query does not wait, and its window does not cut the next one's short.
func TestGet_splitsWhatIsTooMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &doubler{}
		b := New(d.read, limits)
		begin := time.Now()
		var all sync.WaitGroup
		for key := range limits.Most {
			all.Go(func() {
				if _, err := b.Get(t.Context(), key); err != nil || time.Since(begin) != 0 {
					t.Error(time.Since(begin), err)
				}
			})
		}
		all.Wait()
		time.Sleep(limits.Window - 1)
		if _, err := b.Get(t.Context(), 1_000); err != nil || time.Since(begin) != 2*limits.Window-1 {
			t.Error("the next one waited until", time.Since(begin), err)
		}
		if len(d.asked) != 2 || len(d.asked[0]) != limits.Most || len(d.asked[1]) != 1 {
			t.Errorf("%d queries: %v", len(d.asked), d.asked)
		}
	})
}

func TestGet_givesEachAskerTheErrorOfItsQueryAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &doubler{err: errors.New("away")}
		b := New(d.read, limits)
		if _, err := b.Get(t.Context(), 2); !errors.Is(err, d.err) {
			t.Error("got", err)
		}
		d.err = nil
		if got, err := b.Get(t.Context(), 2); got != 4 || err != nil {
			t.Error("the next got", got, err)
		}
	})
}

func TestGet_boundsTheQueryAndEachAskersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &doubler{take: time.Hour}
		b := New(d.read, limits)
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := b.Get(ctx, 2); !fault.Is(err, fault.Unavailable) || !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second/2 {
				t.Error("who has half a second got", err, "after", time.Since(begin))
			}
		})
		all.Go(func() {
			if _, err := b.Get(t.Context(), 2); err == nil || time.Since(begin) != limits.Window+limits.Timeout {
				t.Error("who waits got", err, "after", time.Since(begin))
			}
		})
		all.Wait()
	})
}

func TestWait_isForAllWhoHaveAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &doubler{take: 100 * time.Millisecond}
		b := New(d.read, limits)
		b.Wait() // for nobody
		begun := time.Now()
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_, _ = b.Get(gone, 1) // its query waits for others, and runs although the asker is gone
		time.Sleep(limits.Window + d.take/2)
		_, _ = b.Get(gone, 2)
		b.Wait()
		if took, want := time.Since(begun), 2*limits.Window+d.take/2+d.take; took != want || len(d.asked) != 2 {
			t.Errorf("waited until %v for %v, want %v", took, d.asked, want)
		}
	})
}
