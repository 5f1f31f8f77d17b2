//go:build integration && bench

package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// everybody is 1,666 rooms of six.
const everybody = "9996"

// measure runs a scenario against our services. Its result counts also when it is not
// clean; that fails the test all the same.
func (w *world) measure(scenario string, flags ...string) report.Result {
	w.Helper()
	result, err := w.attempt(scenario, append(w.flags(), flags...)...)
	if err != nil {
		w.Error(err)
	}
	return result
}

// attempt runs a scenario and returns its result, also when it is not clean, which is the
// error.
func (w *world) attempt(scenario string, flags ...string) (result report.Result, unclean error) {
	w.Helper()
	file := filepath.Join(w.TempDir(), scenario+".json")
	unclean = w.run(append([]string{"load", scenario, "-json", file}, flags...)...)
	text, err := os.ReadFile(file)
	if err != nil {
		w.Fatal(errors.Join(unclean, err))
	}
	if err := json.Unmarshal(text, &result); err != nil {
		w.Fatal(err)
	}
	return result, unclean
}

// stepOf is a part of a run by its name.
func (w *world) stepOf(r report.Result, name string) report.Step {
	w.Helper()
	i := slices.IndexFunc(r.Steps, func(s report.Step) bool { return s.Name == name })
	if i < 0 {
		w.Fatalf("%s has no step %s: %+v", r.Scenario, name, r.Steps)
	}
	return r.Steps[i]
}

// wrong is how much went wrong in a run: failures and broken promises.
func wrong(runs ...report.Result) board.Row {
	row := board.Row{What: "lost, doubled, out of order, failed", Value: float64(wrongs(runs...)), Goal: board.AtMost(0)}
	var all error
	for _, r := range runs {
		all = errors.Join(all, r.Clean())
	}
	if all != nil {
		row.Note = all.Error()
	}
	return row
}

func wrongs(runs ...report.Result) (n int64) {
	for _, r := range runs {
		n += r.Promises.Total()
		for _, f := range r.Failures {
			n += f.Count
		}
	}
	return n
}

// with adds what the members of most parts have in common: texts of 250
// characters, and that they come as fast as the service takes them, 200 at a time, as to
// peers. With 64 a third of a core is idle: then it is their waits that are measured.
func with(flags ...string) []string {
	return append(flags, "-length", "250", "-ramp", "20000", "-opening", "200")
}

// benchChat: 9,996 members in rooms of six connect as fast as they can, then talk.
func benchChat(t *testing.T, w *world) []board.Row {
	r := w.measure("chat", with("-connections", everybody, "-rate", "500,2000,5000", "-duration", "20s")...)
	ramp, at500, at2000, at5000 := w.stepOf(r, "ramp"), w.stepOf(r, "500/s"), w.stepOf(r, "2000/s"), w.stepOf(r, "5000/s")
	connected := float64(ramp.Connections)
	return []board.Row{
		{What: "connects with token check", Value: connected / ramp.Seconds, Unit: "/s", Goal: board.AtLeast(4000), Stretch: board.AtLeast(5000)},
		{What: "chat-service CPU per connect", Value: ramp.Used["chat"].CPU / connected * 1e3, Unit: "ms", Goal: board.AtMost(0.4), Stretch: board.AtMost(0.3)},
		{What: "chat-service CPU per delivery at 500/s", Value: at500.Cost["chat"], Unit: "µs"},
		{What: "chat-service CPU per delivery at 2,000/s, stored first. Its goal is against Centrifugo in the same run: part peers", Value: at2000.Cost["chat"], Unit: "µs"},
		{What: "chat-service CPU per delivery at 5,000/s", Value: at5000.Cost["chat"], Unit: "µs"},
		{What: "p50 from send to delivery at 500/s", Value: at500.Latency.P50, Unit: "ms"},
		{What: "p99 from send to delivery at 500/s", Value: at500.Latency.P99, Unit: "ms"},
		{What: "p50 from send to delivery at 2,000/s", Value: at2000.Latency.P50, Unit: "ms", Goal: board.AtMost(4), Stretch: board.AtMost(3)},
		{What: "p99 from send to delivery at 2,000/s", Value: at2000.Latency.P99, Unit: "ms", Goal: board.AtMost(10), Stretch: board.AtMost(8)},
		{What: "p50 from send to delivery at 5,000/s", Value: at5000.Latency.P50, Unit: "ms"},
		{What: "p99 from send to delivery at 5,000/s", Value: at5000.Latency.P99, Unit: "ms", Goal: board.AtMost(200), Stretch: board.AtMost(50)},
		inTime("5,000/s", at5000),
		{What: "memory per connection at 2,000/s", Value: at2000.PerLine["chat"] / 1024, Unit: "KiB", Goal: board.AtMost(22), Stretch: board.AtMost(14)},
		{What: "PostgreSQL CPU per message at 2,000/s", Value: at2000.Used["postgres"].CPU / float64(at2000.Sent) * 1e6, Unit: "µs", Goal: board.AtMost(100), Stretch: board.AtMost(60)},
		{What: "PostgreSQL CPU per message at 5,000/s", Value: at5000.Used["postgres"].CPU / float64(at5000.Sent) * 1e6, Unit: "µs"},
		wrong(r),
	}
}

// inTime is how much of what a rate's messages bring the six of their rooms came while it
// lasted.
func inTime(rate string, s report.Step) board.Row {
	return board.Row{What: "deliveries that came while " + rate + " lasted, of those due", Value: 100 * shareInTime(s), Unit: "%", Goal: board.AtLeast(100 * held)}
}
