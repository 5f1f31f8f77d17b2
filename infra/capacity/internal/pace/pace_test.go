package pace

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestSteady_isOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now().Add(time.Second)
		n := Steady(t.Context(), start, 3, 7, func(i int, due time.Time) {
			if want := start.Add(time.Duration(i) * time.Second / 3); due.Sub(want).Abs() > time.Nanosecond {
				t.Errorf("%d is due at %v, want %v", i, due.Sub(start), want.Sub(start))
			}
			if now := time.Now(); !now.Equal(due) {
				t.Errorf("%d starts %v late", i, now.Sub(due))
			}
		})
		if n != 7 {
			t.Errorf("%d started, want 7", n)
		}
	})
}

// A stall is no excuse: what was due meanwhile keeps its due time, and the rest is on time.
func TestSteady_catchesUpAfterAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, late := time.Now(), make([]time.Duration, 6)
		Steady(t.Context(), start, 10, len(late), func(i int, due time.Time) {
			if !due.Equal(Due(start, 10, i)) {
				t.Errorf("%d is due %v after the start", i, due.Sub(start))
			}
			late[i] = time.Since(due)
			if i == 1 {
				time.Sleep(250 * time.Millisecond) // on the bubble's clock
			}
		})
		for i, want := range []time.Duration{0, 0, 150 * time.Millisecond, 50 * time.Millisecond, 0, 0} {
			if late[i] != want {
				t.Errorf("%d started %v late, want %v", i, late[i], want)
			}
		}
	})
}

func TestSteady_endsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1050*time.Millisecond)
		defer cancel()
		if n := Steady(ctx, time.Now(), 10, 1000, func(int, time.Time) {}); n != 11 {
			t.Errorf("%d started, want 11", n)
		}
		if n := Steady(ctx, time.Now().Add(time.Hour), 10, 1000, func(int, time.Time) {}); n != 0 {
			t.Errorf("%d started after the end", n)
		}
	})
}
