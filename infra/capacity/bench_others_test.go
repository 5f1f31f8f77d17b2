//go:build integration && bench

package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
)

// benchMatch: match-service's own benchmark, whose clients join as fast as they are answered;
// then joins at a steady rate, each with an event stream open.
func benchMatch(t *testing.T, w *world) []board.Row {
	flat := goTest(t, "../../services/match-service/app", "-tags", "integration,bench", "-run", "^TestBench$/^nodes=1$", "-v")
	joins, failed := one(t, flat, `(?s)## 1 node\(s\).*?flat out, \d+ clients: ([\d.]+) joins/s`), one(t, flat, `(?s)## 1 node\(s\).*?joins/s, (\d+) failed`)
	if failed > 0 {
		t.Errorf("%.0f of match-service's joins flat out failed", failed)
	}
	w.startMatch() // what it leaves in the stores, and the vacuum of it, is not beside that
	r := w.measure("match", "-rate", "1000", "-duration", "15s", "-connections", "9000", "-films", "50")
	step := r.Steps[0]
	return []board.Row{
		{What: "joins over HTTP flat out, one node, 256 clients", Value: joins, Unit: "/s", Goal: board.AtLeast(5000), Stretch: board.AtLeast(10000)},
		{What: "joins that failed, flat out", Value: failed, Goal: board.AtMost(0)},
		{What: "p50 from the sixth PUT to all six told at 1,000 joins/s", Value: r.Latency["told"].P50, Unit: "ms"},
		{What: "p99 from the sixth PUT to all six told at 1,000 joins/s", Value: r.Latency["told"].P99, Unit: "ms", Goal: board.AtMost(50), Stretch: board.AtMost(20)},
		{What: "match-service CPU per join at 1,000/s, its stream included", Value: step.Used["match"].CPU / float64(step.Sent) * 1e6, Unit: "µs"},
		wrong(r),
	}
}

// benchStore is chat-service's own benchmark of its store: posts are committed as they
// are in the service, as many at once as it takes, and nothing else happens.
func benchStore(t *testing.T, _ *world) []board.Row {
	text := goTest(t, "../../services/chat-service/internal/store", "-tags", "integration", "-run", "^$", "-bench", "^BenchmarkCommit$/^journal$/^batch=500$", "-benchtime", "200000x")
	return []board.Row{
		{What: "messages stored, store alone", Value: one(t, text, `Commit/journal/batch=500\S*\s.*?([\d.]+) messages/s`), Unit: "/s", Goal: board.AtLeast(30000), Stretch: board.AtLeast(60000)},
		{What: "PostgreSQL CPU per message, store alone", Value: one(t, text, `Commit/journal/batch=500\S*\s.*?([\d.]+) postgres-µs/op`), Unit: "µs"},
	}
}

// benchRooms is chat-service's own benchmark of telling a room's six: what a delivery costs
// must not depend on how many rooms there are.
func benchRooms(t *testing.T, _ *world) []board.Row {
	text := goTest(t, "../../services/chat-service/internal/hub", "-run", "^$", "-bench", "^BenchmarkPublish$/^rooms=(1000|50000)$", "-count", "5", "-benchtime", "2s")
	few, many := least(t, text, `Publish/rooms=1000\S*\s.*?([\d.]+) ns/delivery`), least(t, text, `Publish/rooms=50000\S*\s.*?([\d.]+) ns/delivery`)
	return []board.Row{
		{What: "a delivery inside the process with 50,000 rooms, of one with 1,000", Value: many / few, Unit: "x", Goal: board.AtMost(1.5),
			Note: fmt.Sprintf("%.0f to %.0f ns, the least of five each. The goal is flat: half again is for what the processor's caches do not hold any more", many, few)},
	}
}

// benchALB is localalb's own benchmark against nginx.
func benchALB(t *testing.T, _ *world) []board.Row {
	text := goTest(t, "../localalb", "-tags", "bench", "-run", "^TestBench$", "-v")
	return []board.Row{
		{What: "localalb's requests/s, of nginx's with the same two rules", Value: one(t, text, `(?m)^  localalb .* ([\d.]+)$`), Unit: "x", Goal: board.AtLeast(0.4), Stretch: board.AtLeast(0.6)},
	}
}

// goTest runs tests or benchmarks of another package, shows what they print and returns it.
func goTest(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-count=1"}, args...)...)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	t.Logf("%v\n%s", cmd.Args, out.String())
	if err != nil {
		t.Errorf("%v: %v", cmd.Args, err)
	}
	return out.String()
}

// one is the figure that a pattern finds first.
func one(t *testing.T, text, pattern string) float64 {
	t.Helper()
	return figures(t, text, pattern)[0]
}

// least is the smallest figure that a pattern finds: the run that was disturbed least.
func least(t *testing.T, text, pattern string) float64 {
	t.Helper()
	return slices.Min(figures(t, text, pattern))
}

func figures(t *testing.T, text, pattern string) (all []float64) {
	t.Helper()
	for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		v, err := strconv.ParseFloat(found[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	if len(all) == 0 {
		t.Fatalf("nothing in it is like %s", pattern)
	}
	return all
}
