//go:build integration && bench

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// premiere is 10,002 people; journeyed is what became of them, for whoever comes later.
var (
	premiere  = []string{"-connections", "10002", "-ramp", "50", "-pattern", "patterns/premiere.yaml"}
	journeyed *report.Result
)

// benchJourney: 10,002 people, 1,667 rooms of six, go the whole way, through services that
// do not know them before.
func benchJourney(t *testing.T, w *world) []board.Row {
	w.startMatch()
	// Its reports are kept beside the board.
	if err := os.MkdirAll(*kept, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(*kept, "journey")
	r := w.measure("journey", append(premiere, "-html", file+".html", "-svg", file+".svg")...)
	journeyed = &r
	if err := write(file+".json", r.WriteJSON); err != nil {
		t.Error(err)
	}
	return []board.Row{
		{What: "people who went the whole way", Value: r.Measures["journeys"], Goal: board.AtLeast(10000)},
		wrong(r),
		{What: "in chat at a time, at most", Value: float64(r.Connections)},
		{What: "messages delivered", Value: float64(r.Delivered)},
		{What: "p99 from send to delivery", Value: r.Latency["delivery"].P99, Unit: "ms"},
		{What: "p99 from the sixth PUT to all six told", Value: r.Latency["told"].P99, Unit: "ms"},
		{What: "p99 of a request", Value: r.Latency["request"].P99, Unit: "ms"},
	}
}
