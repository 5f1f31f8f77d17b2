//go:build integration && bench

package main

import (
	"testing"

	"github.com/sixseat/sixseat/pkg/metrictest"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// benchSlow: 1,000 lines are read for a minute, and others in their place are not. In each of
// the 100 rooms 7 long messages a second are said, 16 KB: an unread line's kernel buffers are
// full after some 6 s and its outbox 4 s later, before the service gives up its write (10 s).
// Within the minute it happens two or three times.
func benchSlow(t *testing.T, w *world) []board.Row {
	r := w.measure("slow", "-connections", "600", "-ramp", "500", "-rate", "700", "-length", "2000", "-duration", "1m", "-stalled", "1000")
	without, stalled := w.stepOf(r, "without"), w.stepOf(r, "stalled")
	before, read, unread := memory(r, "without"), memory(r, "reading"), memory(r, "stalled")
	closes := metrictest.Read(t, w.chat.AdminURL+"/metrics").Series
	return []board.Row{
		{What: "most memory of chat-service while 1,000 lines are not read, of the most while as many were", Value: unread / read, Unit: "x", Goal: board.AtMost(1.1)},
		{What: "the same, of the most before these lines were there", Value: unread / before, Unit: "x"},
		{What: "p99 of the others with the 1,000, of p99 without", Value: stalled.Latency.P99 / without.Latency.P99, Unit: "x", Goal: board.AtMost(1.5)},
		{What: "p99 without", Value: without.Latency.P99, Unit: "ms"},
		{What: "lines that the service closed as too slow (4002)", Value: closes[`chat_closes_total{code="4002"}`], Goal: board.AtLeast(1000),
			Note: "Fewer, and the others would not have felt them"},
		{What: "lines that came again after that", Value: r.Measures["stalledLinesEnded"]},
		{What: "chat-service's memory with the 1,000", Value: unread / (1 << 20), Unit: "MiB"},
		wrong(r),
	}
}

// memory is the most that chat-service had in a phase; without a sample no figure, which the
// board refuses.
func memory(r report.Result, phase string) (most float64) {
	for _, s := range r.Seconds {
		if s.Phase == phase {
			most = max(most, float64(s.Usage["chat"].RSS))
		}
	}
	return most
}
