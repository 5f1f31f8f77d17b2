package redislimit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
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

	t.Run("turns are spent beyond the burst, and taken again when they are free", func(t *testing.T) {
		c := open(t)
		for _, step := range []struct {
			spent []limit.Turns
			free  []time.Duration // from noon
		}{
			{[]limit.Turns{{Who: "a", N: 2}, {Who: "b", N: 1}}, []time.Duration{40 * time.Second, 20 * time.Second}},
			{[]limit.Turns{{Who: "b", N: 4}, {Who: "a", N: 2}}, []time.Duration{100 * time.Second, 80 * time.Second}},
		} {
			free, err := c.Spend(t.Context(), pace, step.spent, noon)
			for i := range step.free {
				if err != nil || !free[i].Equal(noon.Add(step.free[i])) {
					t.Errorf("%v: %v, %v; want free after %v", step.spent, free, err, step.free)
				}
			}
		}
		if wait, err := c.Take(t.Context(), pace, "a", noon); wait != 40*time.Second || err != nil {
			t.Error(wait, err)
		}
		if wait, err := c.Take(t.Context(), pace, "b", noon.Add(time.Minute)); wait != 0 || err != nil {
			t.Error(wait, err)
		}
	})

	t.Run("slots are held, renewed, given back, and free when their holder is dead", func(t *testing.T) {
		c := open(t)
		s := limit.Slots{Name: "streams", Most: 2, Lease: 15 * time.Second}
		hold := func(holder string, after time.Duration, want limit.Held) {
			t.Helper()
			held, err := c.Hold(t.Context(), s, limit.Holder{Who: "a", Name: holder}, noon.Add(after))
			if held != want || err != nil {
				t.Errorf("%s after %v: %v, want %v, %v", holder, after, held, want, err)
			}
		}
		held, full := limit.Held{OK: true}, limit.Held{}
		hold("1", 0, held)
		hold("2", 0, held)
		hold("3", 0, full)
		hold("1", 7*time.Second, held) // renewed
		hold("3", 7500*time.Millisecond, full)
		hold("3", 7501*time.Millisecond, limit.Held{OK: true, Instead: "2"}) // nothing was heard of 2 for half a lease
		hold("4", 8*time.Second, full)
		hold("1", 14*time.Second, held)
		hold("4", 22501*time.Millisecond, held) // 3 is dead
		hold("1", 22501*time.Millisecond, held)
		hold("5", 22501*time.Millisecond, full)
		if err := c.Release(t.Context(), s, limit.Holder{Who: "a", Name: "1"}); err != nil {
			t.Fatal(err)
		}
		hold("5", 22501*time.Millisecond, held)
		if held, err := c.Hold(t.Context(), s, limit.Holder{Who: "b", Name: "1"}, noon); !held.OK || err != nil {
			t.Error("of another:", held, err)
		}
	})

	t.Run("a silent holder yields to the next that asks, and learns of it", func(t *testing.T) {
		c := open(t)
		s := limit.Slots{Name: "sessions", Most: 3, Lease: 15 * time.Second}
		at := func(after time.Duration) time.Time { return noon.Add(after) }
		is := func(name string, silent bool) limit.Holder { return limit.Holder{Who: "a", Name: name, Silent: silent} }
		hold := func(name string, after time.Duration, want limit.Held) {
			t.Helper()
			if got, err := c.Hold(t.Context(), s, is(name, false), at(after)); got != want || err != nil {
				t.Errorf("%s after %v: %+v, want %+v, %v", name, after, got, want, err)
			}
		}
		renew := func(after time.Duration, want []bool, hs ...limit.Holder) {
			t.Helper()
			if got, err := c.Renew(t.Context(), s, hs, at(after)); !slices.Equal(got, want) || err != nil {
				t.Errorf("renewed after %v: %v, want %v, %v", after, got, want, err)
			}
		}
		for _, name := range []string{"1", "2", "3"} {
			hold(name, 0, limit.Held{OK: true})
		}
		renew(time.Second, []bool{false}, is("3", true))
		renew(2*time.Second, []bool{false, false}, is("1", false), is("2", true))
		hold("4", 3*time.Second, limit.Held{OK: true, Instead: "3"}) // silent, and renewed longest ago
		renew(4*time.Second, []bool{true, false}, is("3", false), is("2", false))
		hold("5", 5*time.Second, limit.Held{}) // 2 was heard again
		hold("3", 5*time.Second, limit.Held{}) // what is lost is not renewed by asking
		hold("2", 5*time.Second, limit.Held{OK: true})
		renew(18*time.Second, []bool{false}, is("3", false)) // a lease later it is as unknown
	})

	t.Run("holders that were admitted keep their slots when the counter lost its memory", func(t *testing.T) {
		c := open(t)
		s := limit.Slots{Name: "sessions", Most: 1, Lease: 15 * time.Second}
		a := []limit.Holder{{Who: "a", Name: "1"}, {Who: "a", Name: "2"}, {Who: "b", Name: "1"}}
		if lost, err := c.Renew(t.Context(), s, a, noon); slices.Contains(lost, true) || err != nil {
			t.Error(lost, err)
		}
		if held, err := c.Hold(t.Context(), s, limit.Holder{Who: "a", Name: "3"}, noon); held.OK || err != nil {
			t.Error("a new one came in beyond the limit:", held, err)
		}
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

func (away) Spend(context.Context, limit.Pace, []limit.Turns, time.Time) ([]time.Time, error) {
	return nil, errors.New("away")
}

func (away) Hold(context.Context, limit.Slots, limit.Holder, time.Time) (limit.Held, error) {
	return limit.Held{}, errors.New("away")
}

func (away) Renew(context.Context, limit.Slots, []limit.Holder, time.Time) ([]bool, error) {
	return nil, errors.New("away")
}

// Those who were admitted before are counted again as they renew.
func TestLimiter_countsSlotsAloneWhileTheSharedCounterIsAway(t *testing.T) {
	l := limit.New(away{}, time.Now, slog.New(slog.DiscardHandler))
	s := limit.Slots{Name: "sessions", Most: 2, Lease: time.Minute}
	lost, err := l.Renew(t.Context(), s, []limit.Holder{{Who: "a", Name: "1"}, {Who: "a", Name: "2", Silent: true}})
	if len(lost) != 0 || err != nil {
		t.Fatal(lost, err)
	}

	instead, err := l.Hold(t.Context(), s, limit.Holder{Who: "a", Name: "3"})
	if instead != "2" || err != nil {
		t.Errorf("%q, %v; want 2 to yield", instead, err)
	}
	if _, err = l.Hold(t.Context(), s, limit.Holder{Who: "a", Name: "4"}); !fault.Is(err, fault.TooMany) {
		t.Error(err)
	}
	if lost, err = l.Renew(t.Context(), s, []limit.Holder{{Who: "a", Name: "2"}, {Who: "a", Name: "1"}}); err != nil || len(lost) != 1 || lost[0].Name != "2" {
		t.Error(lost, err)
	}
}

// hanging is a counter that does not answer while it hangs.
type hanging struct {
	limit.Counter
	hangs atomic.Bool
	asked atomic.Int64
}

func (h *hanging) wait(ctx context.Context) error {
	h.asked.Add(1)
	if !h.hangs.Load() {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (h *hanging) Hold(ctx context.Context, s limit.Slots, who limit.Holder, now time.Time) (limit.Held, error) {
	if err := h.wait(ctx); err != nil {
		return limit.Held{}, err
	}
	return h.Counter.Hold(ctx, s, who, now)
}

func (h *hanging) Renew(ctx context.Context, s limit.Slots, hs []limit.Holder, now time.Time) ([]bool, error) {
	if err := h.wait(ctx); err != nil {
		return nil, err
	}
	return h.Counter.Renew(ctx, s, hs, now)
}

func (h *hanging) Release(ctx context.Context, s limit.Slots, who limit.Holder) error {
	if err := h.wait(ctx); err != nil {
		return err
	}
	return h.Counter.Release(ctx, s, who)
}

// Whoever comes while the shared counter hangs waits for it no more: one in a second finds
// out whether it is back, and when it is, everybody is counted there again.
func TestLimiter_asksOneThatHangsOnceInASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := &hanging{Counter: limit.NewMemory()}
		shared.hangs.Store(true)
		l := limit.New(shared, time.Now, slog.New(slog.DiscardHandler))
		s := limit.Slots{Name: "sessions", Most: 1, Lease: 15 * time.Second}
		took := func(question func()) time.Duration {
			begin := time.Now()
			question()
			return time.Since(begin)
		}
		hold := func(who string) time.Duration {
			return took(func() {
				if _, err := l.Hold(t.Context(), s, limit.Holder{Who: who, Name: "1"}); err != nil {
					t.Error(err)
				}
			})
		}

		if d := hold("first"); d != 2*time.Second {
			t.Errorf("the first waited %v", d)
		}
		for i := range 300 {
			if d := hold(fmt.Sprint("at once ", i)); d != 0 {
				t.Errorf("%d waited %v", i, d)
			}
		}
		if d := took(func() {
			for i := range 40 {
				if _, err := l.Renew(t.Context(), s, []limit.Holder{{Who: fmt.Sprint("at once ", i), Name: "1"}}); err != nil {
					t.Error(err)
				}
			}
			l.Release(t.Context(), s, limit.Holder{Who: "at once 299", Name: "1"})
		}); d != 0 {
			t.Errorf("renewing and releasing took %v", d)
		}
		if n := shared.asked.Load(); n != 1 {
			t.Errorf("asked %d times, want once", n)
		}

		time.Sleep(time.Second)
		slow := make(chan time.Duration, 300)
		for i := range 300 {
			go func() { slow <- hold(fmt.Sprint("later ", i)) }()
		}
		var waits int
		for range 300 {
			if d := <-slow; d > 0 {
				waits++
			}
		}
		if waits != 1 {
			t.Errorf("%d of 300 waited, want one", waits)
		}

		shared.hangs.Store(false)
		time.Sleep(time.Second)
		hold("back")
		if held, err := shared.Counter.Hold(t.Context(), s, limit.Holder{Who: "back", Name: "2"}, time.Now()); held.OK || err != nil {
			t.Errorf("a second later the shared counter was not told: %v, %v", held, err)
		}
	})
}

func TestLimiter_limitsNothingWhenSwitchedOff(t *testing.T) {
	l := limit.New(nil, time.Now, slog.New(slog.DiscardHandler))
	for i := range 100 {
		_, err := l.Hold(t.Context(), limit.Slots{Name: "streams"}, limit.Holder{Who: "a", Name: fmt.Sprint(i)})
		if err := errors.Join(err, l.Take(t.Context(), limit.PerMinute("joins", 0), "a")); err != nil {
			t.Fatal(err)
		}
	}
}
