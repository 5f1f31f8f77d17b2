//go:build integration && bench

package main

import (
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// benchSlow: 1,000 lines are not read any more. Messages are long and rooms busy, so that
// the kernel's buffers are full after a third of the time and the service has to act.
func benchSlow(t *testing.T, w *world) []board.Row {
	r := w.measure("slow", "-connections", "2400", "-ramp", "1000", "-rate", "1000", "-length", "2000", "-duration", "45s", "-stalled", "1000")
	without, stalled := w.stepOf(r, "without"), w.stepOf(r, "stalled")
	first, most := memory(r, "stalled")
	return []board.Row{
		{What: "most memory of chat-service while 1,000 do not read, of what it had when they came", Value: most / first, Unit: "x", Goal: board.AtMost(1.1)},
		{What: "p99 of the others with the 1,000, of p99 without", Value: stalled.Latency.P99 / without.Latency.P99, Unit: "x", Goal: board.AtMost(1.5)},
		{What: "p99 without", Value: without.Latency.P99, Unit: "ms"},
		{What: "lines that the service ended, to be resumed", Value: r.Measures["stalledLinesEnded"], Goal: board.AtLeast(1000),
			Note: "Fewer, and the others would not have felt them"},
		{What: "chat-service's memory with the 1,000", Value: most / (1 << 20), Unit: "MiB"},
		wrong(r),
	}
}

// memory is chat-service's at the first second of a phase, and the most in it.
func memory(r report.Result, phase string) (first, most float64) {
	for _, s := range r.Seconds {
		if rss := float64(s.Usage["chat"].RSS); s.Phase == phase && rss > 0 {
			if first == 0 {
				first = rss
			}
			most = max(most, rss)
		}
	}
	return first, most
}
