package redislimit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/limit"
	"github.com/sixseat/sixseat/pkg/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func TestMemory_keepsTheCountersContract(t *testing.T) {
	contract(t, func(*testing.T) limit.Counter { return limit.NewMemory() })
}

func TestEmbeddedRedis_keepsTheCountersContract(t *testing.T) {
	r, err := embedded.StartRedis()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	n := 0
	contract(t, func(*testing.T) limit.Counter { n++; return New(r.Client, fmt.Sprint("test", n, ":")) })
}

// contract is what every counter must do, at exact times.
func contract(t *testing.T, open func(*testing.T) limit.Counter) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	pace := limit.PerMinute("joins", 3) // one more every 20 s

	t.Run("a burst is taken at once and the next turn comes when it is due", func(t *testing.T) {
		c := open(t)
		for _, step := range []struct {
			after, wait time.Duration
		}{
			{0, 0}, {0, 0}, {0, 0}, {0, 20 * time.Second}, {0, 20 * time.Second}, // a refusal costs no turn
			{19 * time.Second, time.Second}, {20 * time.Second, 0}, {20 * time.Second, 20 * time.Second},
			{time.Hour, 0}, {time.Hour, 0}, {time.Hour, 0}, {time.Hour, 20 * time.Second}, // rest saves up no more than a burst
		} {
			wait, err := c.Take(t.Context(), pace, "a", noon.Add(step.after))
			if err != nil || wait != step.wait {
				t.Errorf("after %v: wait %v, want %v, %v", step.after, wait, step.wait, err)
			}
		}
	})

	t.Run("people and paces are counted apart", func(t *testing.T) {
		c := open(t)
		once := limit.PerMinute("members", 1)
		for _, who := range []string{"a", "b"} {
			if wait, err := c.Take(t.Context(), once, who, noon); wait != 0 || err != nil {
				t.Error(who, wait, err)
			}
		}
		if wait, err := c.Take(t.Context(), pace, "a", noon); wait != 0 || err != nil {
			t.Error(wait, err)
		}
		if wait, err := c.Take(t.Context(), once, "a", noon); wait != time.Minute || err != nil {
			t.Error(wait, err)
		}
	})

	t.Run("slots are held, renewed, given back, and free when their holder is dead", func(t *testing.T) {
		c := open(t)
		s := limit.Slots{Name: "streams", Most: 2, Lease: 15 * time.Second}
		hold := func(holder string, after time.Duration, want bool) {
			t.Helper()
			if ok, err := c.Hold(t.Context(), s, "a", holder, noon.Add(after)); ok != want || err != nil {
				t.Errorf("%s after %v: %v, want %v, %v", holder, after, ok, want, err)
			}
		}
		hold("1", 0, true)
		hold("2", 0, true)
		hold("3", 0, false)
		hold("1", 10*time.Second, true) // renewed
		hold("3", 14*time.Second, false)
		hold("3", 15*time.Second, true) // 2 is dead
		hold("4", 15*time.Second, false)
		if err := c.Release(t.Context(), s, "a", "1"); err != nil {
			t.Fatal(err)
		}
		hold("4", 15*time.Second, true)
	})
}

// away is a counter that cannot be asked.
type away struct{ limit.Counter }

func (away) Take(context.Context, limit.Pace, string, time.Time) (time.Duration, error) {
	return 0, errors.New("away")
}

func TestLimiter_countsAloneWhileTheSharedCounterIsAway(t *testing.T) {
	l := limit.New(away{}, time.Now, slog.New(slog.DiscardHandler))
	pace := limit.PerMinute("joins", 1)

	first, second := l.Take(t.Context(), pace, "a"), l.Take(t.Context(), pace, "a")

	if first != nil {
		t.Error(first)
	}
	if !fault.Is(second, fault.TooMany) || fault.From(second).RetryAfter <= 0 {
		t.Error(second)
	}
}

func TestLimiter_limitsNothingWhenSwitchedOff(t *testing.T) {
	l := limit.New(nil, time.Now, slog.New(slog.DiscardHandler))
	for i := range 100 {
		if err := errors.Join(l.Take(t.Context(), limit.PerMinute("joins", 0), "a"),
			l.Hold(t.Context(), limit.Slots{Name: "streams"}, "a", fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
}
