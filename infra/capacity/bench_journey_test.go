//go:build integration && bench

package main

import (
	"errors"
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
	r := w.measure("journey", premiere...)
	journeyed = &r
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

// keepJourney writes the journey's reports beside the board, which is told of it, with as
// many samples as a chart shows on a screen.
func keepJourney(dir string, b *board.Board) error {
	if journeyed == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	b.Journey = true
	file, thin := filepath.Join(dir, b.JourneyName()), journeyed.Thin(samples)
	return errors.Join(write(file+".json", thin.WriteJSON), write(file+".html", thin.WriteHTML), write(file+".svg", thin.WriteSVG))
}

// samples of a kept report: each of its files stays below 150 KB.
const samples = 100
