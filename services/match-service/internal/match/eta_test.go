package match

import (
	"math"
	"testing"
	"time"
)

// steady is what n arrivals, one every gap, leave behind.
func steady(n int, gap time.Duration) (Arrivals, time.Time) {
	start := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	a := Arrivals{Since: start, Last: start}
	for i := range n {
		now := start.Add(time.Duration(i) * gap)
		a.Weight = a.Weight*math.Exp(-now.Sub(a.Last).Seconds()/RateMemory.Seconds()) + 1
		a.Last, a.Count = now, a.Count+1
	}
	return a, a.Last
}

func TestETA_followsTheRate(t *testing.T) {
	for _, c := range []struct {
		n       int
		gap     time.Duration
		missing int
		want    int // seconds
	}{
		{3, 10 * time.Second, 3, 30},
		{100, 10 * time.Second, 1, 10},
		{1000, time.Second, 5, 5},
		{10, time.Minute, 2, 120},
		{20, 5 * time.Minute, 2, 600},
	} {
		a, last := steady(c.n, c.gap)

		got := a.ETASeconds(c.missing, last.Add(c.gap/2)) // between two arrivals

		if got == nil || math.Abs(float64(*got-c.want)) > 0.35*float64(c.want) {
			t.Errorf("%d arrivals every %v, %d missing: got %v, want about %d", c.n, c.gap, c.missing, value(got), c.want)
		}
	}
}

func value(p *int) any {
	if p == nil {
		return "unknown"
	}
	return *p
}

func TestETA_growsWhileNobodyComes(t *testing.T) {
	a, now := steady(20, 10*time.Second)

	soon, later := a.ETASeconds(1, now), a.ETASeconds(1, now.Add(10*time.Minute))

	if soon == nil || later == nil || *later < 5**soon {
		t.Errorf("got %v and %v ten minutes later, want much more", value(soon), value(later))
	}
}

func TestETA_isUnknownRatherThanGuessed(t *testing.T) {
	few, now := steady(2, time.Second)
	stopped, _ := steady(20, time.Second)
	for what, got := range map[string]*int{
		"two arrivals":      few.ETASeconds(1, now),
		"nobody yet":        Arrivals{}.ETASeconds(1, now),
		"nobody missing":    stopped.ETASeconds(0, now),
		"more than an hour": stopped.ETASeconds(1, now.Add(50*time.Minute)),
	} {
		if got != nil {
			t.Errorf("%s: got %d, want unknown", what, *got)
		}
	}
}
