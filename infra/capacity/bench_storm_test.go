//go:build integration && bench

package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
)

// benchStorm: all lines break at once and are back within 10 s, while members talk. The
// database counts its statements: reconnecting only reads, and talk only locks and writes.
func benchStorm(t *testing.T, _ *world) []board.Row {
	w := newWorld(t, slices.Concat(syncing, counting)...)
	r := w.measure("storm", "-connections", everybody, "-ramp", "1000", "-length", "250", "-rate", "500", "-duration", "15s", "-within", "10s", "-statements", "postgres="+w.postgres.URL)
	before, storm, after := w.stepOf(r, "before"), w.stepOf(r, "storm"), w.stepOf(r, "after")
	idle := float64(before.Reads["postgres"]) / before.Seconds * storm.Seconds
	return []board.Row{
		{What: "PostgreSQL statements for 9,996 reconnects within 10 s", Value: float64(storm.Reads["postgres"]), Goal: board.AtMost(2000),
			Note: fmt.Sprintf("pg_stat_statements: all that neither write nor lock; as long before the storm there were %.0f of them. With the commits of talk there were %d in %.1f s", idle, storm.Statements["postgres"], storm.Seconds)},
		{What: "until everybody was whole again", Value: r.Measures["wholeSeconds"], Unit: "s", Goal: board.AtMost(15)},
		{What: "chat-service CPU in the storm", Value: storm.CPU["chat"] / storm.Seconds, Unit: "cores"},
		{What: "p99 from send to delivery in the storm, replays included", Value: storm.Latency.P99, Unit: "ms"},
		{What: "p99 from send to delivery after it", Value: after.Latency.P99, Unit: "ms"},
		wrong(r),
	}
}
