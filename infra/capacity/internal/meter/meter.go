// Package meter counts what a run does and how long it takes.
package meter

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latency is a distribution of times, of the whole run and of what came since Cut.
type Latency struct {
	mu         sync.Mutex // guards what follows
	all, since *hdrhistogram.Histogram
}

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(lowest.Microseconds(), highest.Microseconds(), digits)
}

// Record notes one time.
func (l *Latency) Record(d time.Duration) {
	us := min(max(d, lowest), highest).Microseconds()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all, l.since = newHistogram(), newHistogram()
	}
	_ = l.all.RecordValue(us) // it is within the bounds
	_ = l.since.RecordValue(us)
}

// Cut returns the distribution of what came since the last Cut.
func (l *Latency) Cut() Quantiles {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		return Quantiles{}
	}
	q := quantiles(l.since)
	l.since.Reset()
	return q
}

// All returns the distribution of the whole run and its bars.
func (l *Latency) All() (Quantiles, []Bar) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		return Quantiles{}, nil
	}
	return quantiles(l.all), bars(l.all)
}

// snapshot is a copy of the whole run.
func (l *Latency) snapshot() *hdrhistogram.Histogram {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		return newHistogram()
	}
	return hdrhistogram.Import(l.all.Export())
}

// Mark is a moment of a Latency, to ask later what came after it.
type Mark struct{ *hdrhistogram.Histogram }

// Mark marks this moment.
func (l *Latency) Mark() Mark { return Mark{l.snapshot()} }

// Since returns the distribution of what came after a mark.
func (l *Latency) Since(m Mark) Quantiles {
	now, then := l.snapshot().Export(), m.Export()
	for i := range now.Counts {
		now.Counts[i] -= then.Counts[i]
	}
	return quantiles(hdrhistogram.Import(now))
}

// Quantiles describe a distribution, in milliseconds.
type Quantiles struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p999"`
	Max   float64 `json:"max"`
}

func quantiles(h *hdrhistogram.Histogram) Quantiles {
	ms := func(q float64) float64 { return float64(h.ValueAtQuantile(q)) / 1000 }
	return Quantiles{h.TotalCount(), h.Mean() / 1000, ms(50), ms(90), ms(99), ms(99.9), float64(h.Max()) / 1000}
}

// Bar is one bar of a histogram: how many took at most UpToMs and more than the bar before.
type Bar struct {
	UpToMs float64 `json:"upToMs"`
	Count  int64   `json:"count"`
}

// bars are wider by the root of two from one to the next, so that a few show everything.
func bars(h *hdrhistogram.Histogram) (list []Bar) {
	upTo, i := 125.0, 0 // µs
	all := h.Distribution()
	for i < len(all) {
		var n int64
		for ; i < len(all) && float64(all[i].To) <= upTo; i++ {
			n += all[i].Count
		}
		if n > 0 || len(list) > 0 {
			list = append(list, Bar{upTo / 1000, n})
		}
		upTo *= 1.4142135623730951
	}
	for len(list) > 0 && list[len(list)-1].Count == 0 {
		list = list[:len(list)-1]
	}
	return list
}

// Meter is everything that a run counts. The zero Meter is ready.
type Meter struct {
	Open      atomic.Int64 // connections
	Sent      atomic.Int64
	Skipped   atomic.Int64 // due, and nobody of the room was connected
	Delivered atomic.Int64

	Delivery Latency // from when a message was due to each delivery
	Receipt  Latency // from when a message was due to its receipt
	Connect  Latency // from when a connection was due to its subscription
	Join     Latency // from when a PUT to the queue was due to its answer
	Told     Latency // from when the sixth PUT of a room was due to when the last of the six was told
	Request  Latency // of a journey: any request but those to the queue, from its write to its answer
	Late     Latency // from when something was due to when this program began it

	mu     sync.Mutex // guards what follows
	failed map[string]Failure
	total  int64
}

// Failure is one kind of failure.
type Failure struct {
	Count   int64  `json:"count"`
	Example string `json:"example"` // the first
}

// Fail notes a failure. what is one of a few words.
func (m *Meter) Fail(what string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failed == nil {
		m.failed = map[string]Failure{}
	}
	f, known := m.failed[what]
	if !known && len(m.failed) >= failuresKept {
		what = "others"
		f, known = m.failed[what]
	}
	if !known {
		f.Example = err.Error()
	}
	f.Count++
	m.failed[what] = f
	m.total++
}

// Failures is how many there were.
func (m *Meter) Failures() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.total
}

// Failed are all of them by kind.
func (m *Meter) Failed() map[string]Failure {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.failed)
}
