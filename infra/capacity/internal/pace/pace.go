// Package pace starts things at the times at which they are due, whether or not those
// before have been answered (open loop). Who measures from the due time counts what a
// stalled server, or a stalled generator, made its users wait.
package pace

import (
	"context"
	"time"
)

// Due is when the i-th of a steady stream is due, counted from 0. It is reckoned from the
// start each time, so that no rounding adds up.
func Due(start time.Time, perSecond float64, i int) time.Time {
	return start.Add(time.Duration(float64(i) / perSecond * float64(time.Second)))
}

// Steady calls do for n things at perSecond, the first at start, until ctx ends, and
// returns how many it started. A do that takes long makes those after it late, and their
// due times stay what they were: they are caught up with at once.
func Steady(ctx context.Context, start time.Time, perSecond float64, n int, do func(i int, due time.Time)) int {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i := range n {
		due := Due(start, perSecond, i)
		timer.Reset(time.Until(due))
		select {
		case <-timer.C:
		case <-ctx.Done():
			return i
		}
		do(i, due)
	}
	return n
}
