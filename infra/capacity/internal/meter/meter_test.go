package meter

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"
)

func near(got, want float64) bool { return math.Abs(got-want) <= want/500 }

func TestLatency_tellsTheWholeAndWhatCameSince(t *testing.T) {
	var l Latency
	if q, bars := l.All(); q.Count != 0 || bars != nil || l.Cut().Count != 0 {
		t.Error("nothing came, and there is something")
	}
	for i := 1; i <= 100; i++ {
		l.Record(time.Duration(i) * time.Millisecond)
	}
	if q := l.Cut(); q.Count != 100 || !near(q.P50, 50) || !near(q.P90, 90) || !near(q.P99, 99) || !near(q.Max, 100) || !near(q.Mean, 50.5) {
		t.Errorf("%+v", q)
	}
	mark := l.Mark()
	l.Record(time.Second)
	if q := l.Cut(); q.Count != 1 || !near(q.P50, 1000) {
		t.Errorf("since: %+v", q)
	}
	if q := l.Since(mark); q.Count != 1 || !near(q.P99, 1000) {
		t.Errorf("since the mark: %+v", q)
	}
	if q, _ := l.All(); q.Count != 101 || !near(q.P50, 51) || !near(q.Max, 1000) {
		t.Errorf("all: %+v", q)
	}
}

func TestLatency_takesWhatIsOutOfBounds(t *testing.T) {
	var l Latency
	l.Record(-time.Second)
	l.Record(24 * time.Hour)
	if q, _ := l.All(); q.Count != 2 || !near(q.Max, float64(highest.Milliseconds())) {
		t.Errorf("%+v", q)
	}
}

func TestBars_countEverythingOnce(t *testing.T) {
	var l Latency
	for _, d := range []time.Duration{time.Microsecond, 200 * time.Microsecond, 3 * time.Millisecond, 3 * time.Millisecond, 9 * time.Minute} {
		l.Record(d)
	}
	_, bars := l.All()
	var n int64
	for i, b := range bars {
		n += b.Count
		if i > 0 && b.UpToMs <= bars[i-1].UpToMs {
			t.Errorf("bar %d ends at %g, the one before at %g", i, b.UpToMs, bars[i-1].UpToMs)
		}
		if b.Count == 2 && (b.UpToMs < 3 || b.UpToMs > 3*1.5) {
			t.Errorf("those of 3 ms are in the bar up to %g", b.UpToMs)
		}
	}
	if n != 5 || bars[len(bars)-1].Count != 1 {
		t.Errorf("%d in %v", n, bars)
	}
}

func TestMeter_keepsFailuresApart(t *testing.T) {
	var m Meter
	m.Fail("connect", errors.New("first"))
	m.Fail("connect", errors.New("second"))
	for i := range failuresKept + 3 {
		m.Fail(fmt.Sprint(i), errors.New("x"))
	}
	got := m.Failed()
	if got["connect"] != (Failure{2, "first"}) || got["others"].Count != 4 || len(got) != failuresKept+1 || m.Failures() != failuresKept+5 {
		t.Errorf("%d of %d kinds: %v", m.Failures(), len(got), got)
	}
}
