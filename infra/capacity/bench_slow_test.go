//go:build integration && bench

package main

import (
	"slices"
	"testing"

	"github.com/sixseat/sixseat/pkg/metrictest"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// benchSlow: 1,000 lines are not read any more. In each of the 100 rooms 7 long messages a
// second are said, 16 KB: a line's kernel buffers are full after some 6 s and its outbox 4 s
// later, before the service gives up its write (10 s). Within the minute it happens two or three times.
func benchSlow(t *testing.T, w *world) []board.Row {
	r := w.measure("slow", "-connections", "600", "-ramp", "500", "-rate", "700", "-length", "2000", "-duration", "1m", "-stalled", "1000")
	without, stalled := w.stepOf(r, "without"), w.stepOf(r, "stalled")
	before, early, late := memory(r, "stalled")
	closes := metrictest.Read(t, w.chat.AdminURL+"/metrics").Series
	return []board.Row{
		{What: "most memory of chat-service while 1,000 do not read, of the most before their outboxes were used", Value: max(early, late) / before, Unit: "x", Goal: board.AtMost(1.1)},
		{What: "most memory in the second half of that time, of the most in the first", Value: late / early, Unit: "x"},
		{What: "p99 of the others with the 1,000, of p99 without", Value: stalled.Latency.P99 / without.Latency.P99, Unit: "x", Goal: board.AtMost(1.5)},
		{What: "p99 without", Value: without.Latency.P99, Unit: "ms"},
		{What: "lines that the service closed as too slow (4002)", Value: closes[`chat_closes_total{code="4002"}`], Goal: board.AtLeast(1000),
			Note: "Fewer, and the others would not have felt them"},
		{What: "lines that came again after that", Value: r.Measures["stalledLinesEnded"]},
		{What: "chat-service's memory with the 1,000", Value: max(early, late) / (1 << 20), Unit: "MiB"},
		wrong(r),
	}
}

// kernelSeconds is for how long the kernel's buffers take all that a line does not read.
const kernelSeconds = 5

// memory is the most that chat-service had in the first seconds of a phase, in which it has
// seen all lines and nothing waits for them, and in each half of the phase.
func memory(r report.Result, phase string) (before, early, late float64) {
	var all []float64
	for _, s := range r.Seconds {
		if rss := float64(s.Usage["chat"].RSS); s.Phase == phase && rss > 0 {
			all = append(all, rss)
		}
	}
	if len(all) < 2*kernelSeconds {
		return 0, 0, 0 // no figure, which the board refuses
	}
	return slices.Max(all[:kernelSeconds]), slices.Max(all[:len(all)/2]), slices.Max(all[len(all)/2:])
}
