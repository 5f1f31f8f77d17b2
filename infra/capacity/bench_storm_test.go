//go:build integration && bench

package main

import (
	"fmt"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// benchStorm: all lines break at once and are back within 10 s. The first time nobody
// talks, so that each statement that the database counts is the storm's; the second time
// members talk all the while.
func benchStorm(t *testing.T, _ *world) []board.Row {
	silent, talking := storm(t, "0"), storm(t, "500")
	return append(silentRows(t, silent), talkingRows(t, talking)...)
}

func storm(t *testing.T, rate string) report.Result {
	w := newSteadyWorld(t, counting...)
	return w.measure("storm", "-connections", everybody, "-ramp", "1000", "-length", "250", "-rate", rate, "-duration", "15s", "-within", "10s", "-statements", "postgres="+w.postgres.URL)
}

func silentRows(t *testing.T, r report.Result) []board.Row {
	w := &world{T: t}
	before, storm := w.stepOf(r, "before"), w.stepOf(r, "storm")
	idle := float64(before.Used["postgres"].Statements) / before.Seconds * storm.Seconds
	return []board.Row{
		{What: "PostgreSQL statements, all of them, for 9,996 reconnects within 10 s, nobody talks", Value: float64(storm.Used["postgres"].Statements), Goal: board.AtMost(2000),
			Note: fmt.Sprintf("pg_stat_statements, in %.1f s; as long before the storm there were %.0f", storm.Seconds, idle)},
		{What: "until everybody was whole again, nobody talks", Value: r.Measures["wholeSeconds"], Unit: "s", Goal: board.AtMost(15)},
		wrong(r),
	}
}

func talkingRows(t *testing.T, r report.Result) []board.Row {
	w := &world{T: t}
	storm, after := w.stepOf(r, "storm"), w.stepOf(r, "after")
	return []board.Row{
		{What: "PostgreSQL statements that only read, for the same at 500 messages/s", Value: float64(storm.Used["postgres"].Reads),
			Note: fmt.Sprintf("With the commits of talk there were %d in %.1f s", storm.Used["postgres"].Statements, storm.Seconds)},
		{What: "until everybody was whole again, at 500 messages/s", Value: r.Measures["wholeSeconds"], Unit: "s", Goal: board.AtMost(15)},
		{What: "chat-service CPU in the storm", Value: storm.Used["chat"].CPU / storm.Seconds, Unit: "cores"},
		{What: "p99 from send to delivery in the storm, replays included", Value: storm.Latency.P99, Unit: "ms"},
		{What: "p99 from send to delivery after it", Value: after.Latency.P99, Unit: "ms"},
		wrong(r),
	}
}
