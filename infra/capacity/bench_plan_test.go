//go:build integration && bench

package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/pattern"
	"github.com/sixseat/sixseat/infra/capacity/internal/plan"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// benchPlan holds what the planner expects of 10,000 people against what they really used
// on their journey, with costs that are measured beside it, of messages at the rates of the
// journey: 267/s while as many come as go, and half of that. In 20 s 2,802 do each thing at
// 140/s, where a journey has 50/s of each, and several at a time.
func benchPlan(t *testing.T, w *world) []board.Row {
	w.startMatch()
	file := filepath.Join(t.TempDir(), "costs.json")
	if err := run(t.Context(), w.measuring(file, "-connections", "2802", "-rate", "134,267", "-duration", "20s"), os.Getenv, os.Stderr); err != nil {
		t.Fatal(err)
	}
	c, err := costs.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if journeyed == nil { // that part was not asked for
		fresh := newSteadyWorld(t)
		fresh.startMatch()
		r := fresh.measure("journey", premiere...)
		journeyed = &r
	}
	rows, err := agreement(*journeyed, c)
	if err != nil { // also where it was never steady: those rows are missing
		t.Error(err)
	}
	return rows
}

// agreement is a row for each figure: by how much the plan was off. With ErrNeverSteady they
// are those of the whole journey.
func agreement(r report.Result, c *costs.Costs) (rows []board.Row, err error) {
	var p pattern.Pattern
	if p, err = (&options{pattern: r.Settings["pattern"]}).readPattern(); err != nil {
		return nil, err
	}
	figures, err := plan.Journey(&r, p, c)
	if err != nil {
		return nil, err
	}
	steady, never := plan.Steady(&r, p, c)
	for _, f := range append(figures, steady...) {
		rows = append(rows, board.Row{
			What: f.What + ": the plan is off by", Value: math.Round(1000*f.Off()) / 10, Unit: "%", Goal: board.AtMost(30),
			Note: fmt.Sprintf("planned %.4g %s, used %.4g", f.Planned, f.Unit, f.Used),
		})
	}
	return rows, never
}

// TestAgreement tries the same small: VISITORS, RAMP and PATTERN, with COSTS of a file; the
// journey's own result goes to RESULT, if that is set.
func TestAgreement(t *testing.T) {
	file := os.Getenv("COSTS")
	if file == "" {
		t.Skip("COSTS names no file of costs")
	}
	c, err := costs.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w := newSteadyWorld(t)
	w.startMatch()
	r := w.measure("journey", "-connections", os.Getenv("VISITORS"), "-ramp", os.Getenv("RAMP"), "-pattern", os.Getenv("PATTERN"))
	rows, err := agreement(r, c)
	switch {
	case errors.Is(err, plan.ErrNeverSteady): // a small one may be too short for it
		t.Log(err)
	case err != nil:
		t.Fatal(err)
	}
	if err := write(os.Getenv("RESULT"), r.WriteJSON); err != nil {
		t.Error(err)
	}
	for _, row := range rows {
		t.Logf("%-40s %6.1f %%  %s", row.What, row.Value, row.Note)
	}
}
