//go:build integration && bench

package main

import (
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// benchNodes: the same load on one chat node, and on two of which each has half of every
// room.
func benchNodes(t *testing.T, w *world) []board.Row {
	load := with("-connections", everybody, "-rate", "2000", "-duration", "20s")
	one := w.measure("chat", load...)
	w = newWorld(t, syncing...)
	w.another()
	two := w.measure("chat", load...)
	cost1, line1 := nodes(w.stepOf(one, "2000/s"))
	cost2, line2 := nodes(w.stepOf(two, "2000/s"))
	return []board.Row{
		{What: "connections of two nodes in the memory that one has for each, of one node's", Value: 2 * line1 / line2, Unit: "x", Goal: board.AtLeast(1.8),
			Note: "Every room is on both nodes, the worst case"},
		{What: "CPU per delivery of two nodes together, of one node's", Value: cost2 / cost1, Unit: "x", Goal: board.AtMost(1.25)},
		{What: "CPU per delivery, one node", Value: cost1, Unit: "µs"},
		{What: "CPU per delivery, two nodes together", Value: cost2, Unit: "µs"},
		{What: "Redis CPU per delivery, two nodes", Value: w.stepOf(two, "2000/s").Cost["redis"], Unit: "µs"},
		{What: "memory per connection, one node", Value: line1 / 1024, Unit: "KiB"},
		{What: "memory per connection, two nodes", Value: line2 / 1024, Unit: "KiB"},
		{What: "p99 from send to delivery, two nodes", Value: w.stepOf(two, "2000/s").Latency.P99, Unit: "ms"},
		wrong(one), wrong(two),
	}
}

// nodes is what all chat nodes together use for a delivery and a connection.
func nodes(s report.Step) (cost, perLine float64) {
	return s.Cost["chat"] + s.Cost["chat2"], s.PerLine["chat"] + s.PerLine["chat2"]
}
