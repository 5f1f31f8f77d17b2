package redislimit

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/limit"
)

// takes counts how many of n single turns are allowed.
func takes(t *testing.T, l *limit.Local, who string, n int) int {
	t.Helper()
	for i := range n {
		if err := l.Take(who, 1); fault.Is(err, fault.TooMany) {
			return i
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func nodes(t *testing.T, shared limit.Counter) (one, two *limit.Local) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	var list [2]*limit.Local
	for i := range list {
		list[i] = limit.New(shared, time.Now, slog.New(slog.DiscardHandler)).Local(limit.PerSecond("messages", 10, 30))
		go list[i].Run(ctx)
	}
	return list[0], list[1]
}

func TestLocal_countsOtherNodesBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := nodes(t, limit.NewMemory())
		if a, b := takes(t, one, "a", 40), takes(t, two, "a", 40); a != 30 || b != 30 {
			t.Errorf("at once %d and %d, want a burst on each", a, b)
		}
		time.Sleep(3 * time.Second) // 60 turns cost 6 s, and were told 0.2 s later
		synctest.Wait()
		if a, b, c := takes(t, one, "a", 40), takes(t, two, "a", 40), takes(t, two, "b", 40); a+b != 0 || c != 30 {
			t.Errorf("after 3 s %d and %d, of another %d; want none and a burst", a, b, c)
		}
		time.Sleep(300 * time.Millisecond)
		if a := takes(t, one, "a", 40); a != 1 {
			t.Errorf("0.3 s later: %d", a)
		}
		time.Sleep(time.Hour)
		if a := takes(t, two, "a", 40); a != 30 {
			t.Errorf("after a rest: %d", a)
		}
	})
}

func TestLocal_countsAloneWhileTheSharedCounterIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, _ := nodes(t, away{})
		for range 3 {
			if n := takes(t, one, "a", 40); n != 30 {
				t.Errorf("%d at once, want a burst", n)
			}
			time.Sleep(3 * time.Second)
		}
	})
}

func TestLocal_refusesAndSwitchesOff(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	limiter := limit.New(nil, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	l, off := limiter.Local(limit.PerSecond("messages", 10, 30)), limiter.Local(limit.PerSecond("none", 0, 30))
	if err := l.Take("a", 100); err != nil {
		t.Error("a whole transaction of one who waited:", err)
	}
	err := l.Take("a", 1)
	if !fault.Is(err, fault.TooMany) || fault.From(err).RetryAfter != 100*time.Millisecond {
		t.Errorf("one more at once: %v, %v", err, fault.From(err).RetryAfter)
	}
	now = now.Add(100 * time.Millisecond)
	if err := l.Take("a", 1); err != nil {
		t.Error("100 ms later, the refused one was not charged:", err)
	}
	for range 1000 {
		if err := off.Take("a", 100); err != nil {
			t.Fatal(err)
		}
	}
}
