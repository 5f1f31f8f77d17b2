package report

import (
	"maps"

	"github.com/sixseat/sixseat/infra/capacity/internal/usage"
)

// Thin is the same run with about as many samples as asked for, at most one more for each
// of its phases. One that stands for several seconds has what was counted in all of them,
// and the latency of the worst, so that no peak is hidden.
func (r *Result) Thin(samples int) *Result {
	thin := *r
	each := (len(r.Seconds) + samples - 1) / samples
	if each <= 1 {
		return &thin
	}
	thin.Seconds = nil
	var n int // seconds in the last sample
	for _, s := range r.Seconds {
		last := len(thin.Seconds) - 1
		if last < 0 || n == each || thin.Seconds[last].Phase != s.Phase {
			thin.Seconds, n = append(thin.Seconds, s), 1
			continue
		}
		thin.Seconds[last] = thin.Seconds[last].and(s)
		n++
	}
	return &thin
}

// and is two samples, one behind the other, as one.
func (s Second) and(next Second) Second {
	sum := next
	sum.Sent, sum.Delivered, sum.Failures = s.Sent+next.Sent, s.Delivered+next.Delivered, s.Failures+next.Failures
	if s.Latency.P99 > next.Latency.P99 {
		sum.Latency = s.Latency
	}
	sum.Latency.Count = s.Latency.Count + next.Latency.Count
	sum.LateMs = max(s.LateMs, next.LateMs)
	sum.Usage = make(map[string]usage.Sample, len(next.Usage))
	maps.Copy(sum.Usage, s.Usage) // where next was not sampled
	maps.Copy(sum.Usage, next.Usage)
	return sum
}
