//go:build integration && bench

package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// sameForAll is what every server gets, so that only it differs: everybody connects as
// fast as the server lets in 200 at a time, then talks at each rate.
var sameForAll = []string{"-connections", everybody, "-ramp", "20000", "-opening", "200", "-length", "250", "-rate", "500,2000", "-duration", "15s"}

// rounds are the peers in the order in which they are measured, ours before each: what the
// machine does meanwhile shows as a difference between ours. The one that a goal is about has
// four rounds: with the same programs the ratio of one was 0.82 and that of the next 0.95.
var rounds = []string{"centrifugo", "socketio", "centrifugo", "stomp", "centrifugo", "socketio", "centrifugo"}

// held is which part of the deliveries of a step must come within it, where a server
// holds the rate: what comes later than that is a queue that grows.
const held = 0.98

func shareInTime(s report.Step) float64 { return float64(s.Delivered) / float64(matchapi.Seats*s.Sent) }

// against is a peer and what was measured, each time ours first and then it.
type against struct {
	peerServer
	label        string // with its version
	ours, theirs []report.Result
	missing      error // why there is nothing of it
}

// benchPeers: the very same chat on our chat-service and on others. The world that it is
// given stays idle: each run has servers of its own, whose memory is that of this run.
func benchPeers(t *testing.T, _ *world) (rows []board.Row) {
	list := map[string]*against{}
	for _, p := range peers {
		version, err := p.version()
		list[p.dialect] = &against{peerServer: p, label: strings.TrimSpace(p.name + " " + version), missing: err}
	}
	for i, dialect := range rounds {
		if a := list[dialect]; a.missing == nil {
			a.measure(t, i+1)
		}
	}
	var all []report.Result
	for _, p := range peers {
		rows = append(rows, list[p.dialect].rows()...)
		all = append(all, list[p.dialect].ours...)
	}
	t.Log("\n" + table(list))
	return append(rows, board.Row{What: "ours: lost, doubled, out of order, failed, in all runs", Value: float64(wrongs(all...)), Goal: board.AtMost(0)})
}

// measure runs ours and the peer, one after the other. A peer that breaks a promise fails
// nothing: it is a figure.
func (a *against) measure(t *testing.T, round int) {
	t.Run(fmt.Sprintf("%d ours", round), func(t *testing.T) {
		a.ours = append(a.ours, newSteadyWorld(t).measure("chat", sameForAll...))
	})
	a.missing = errors.New("ours came to no figures")
	if len(a.ours) == len(a.theirs) {
		return
	}
	a.missing = errors.New("its run came to no figures")
	t.Run(fmt.Sprintf("%d %s", round, a.dialect), func(t *testing.T) {
		server, err := a.start(t)
		if err != nil {
			a.missing = err
			return
		}
		result, unclean := (&world{T: t}).attempt("chat", append(a.flags(server), sameForAll...)...)
		if result.Connections == 0 {
			a.missing = unclean
			return
		}
		a.theirs, a.missing = append(a.theirs, result), nil
	})
}

// rows are ours as a multiple of the peer's, figure by figure.
func (a *against) rows() (rows []board.Row) {
	if len(a.theirs) == 0 && a.missing == nil {
		return nil // no round has it
	}
	if len(a.theirs) == 0 {
		return []board.Row{{What: a.label, Missing: "not measured", Note: a.missing.Error()}}
	}
	held := "500/s" // the highest rate that the peer holds
	for _, rate := range []string{"500/s", "2000/s"} {
		if note := behind(a.theirs, rate); note != "" {
			rows = append(rows, board.Row{What: a.label + " at " + rate, Missing: "does not hold", Note: note})
			continue
		}
		held = rate
		cost := a.ratio("CPU per delivery at "+rate, "µs", func(r report.Result, process string) float64 { return step(r, rate).Cost[process] })
		if rate == "2000/s" && a.dialect == "centrifugo" {
			cost.Goal, cost.Stretch = board.AtMost(0.85), board.AtMost(0.75)
		}
		var whole []float64
		for _, r := range a.ours {
			whole = append(whole, step(r, rate).Cost["chat"]+step(r, rate).Cost["postgres"])
		}
		cost.Note += "; ours with its PostgreSQL " + span(whole)
		if note := behind(a.ours, rate); note != "" {
			cost.Missing, cost.Note = "ours does not hold", note
		}
		rows = append(rows, cost,
			a.ratio("p50 at "+rate, "ms", func(r report.Result, _ string) float64 { return step(r, rate).Latency.P50 }),
			a.ratio("p99 at "+rate, "ms", func(r report.Result, _ string) float64 { return step(r, rate).Latency.P99 }))
	}
	memory := func(part string) func(report.Result, string) float64 {
		return func(r report.Result, process string) float64 { return step(r, part).PerLine[process] / 1024 }
	}
	return append(rows,
		a.ratio("memory per connection, nobody talks", "KiB", memory("ramp")),
		a.ratio("memory per connection at "+held, "KiB", memory(held)),
		a.ratio("connects", "per second", func(r report.Result, _ string) float64 { return connects(r) }),
		board.Row{What: a.label + ": lost or 20 s late, doubled, failed", Value: float64(wrongs(a.theirs...)), Note: example(a.theirs)})
}

// ratio is the mean of what each pair of runs gives.
func (a *against) ratio(what, unit string, of func(r report.Result, process string) float64) board.Row {
	var ratios, ours, theirs []float64
	for i := range a.theirs {
		x, y := of(a.ours[i], "chat"), of(a.theirs[i], a.dialect)
		ratios, ours, theirs = append(ratios, x/y), append(ours, x), append(theirs, y)
	}
	return board.Row{What: what + ", to that of " + a.label, Value: mean(ratios), Unit: "x",
		Note: fmt.Sprintf("%s to %s %s", span(ours), span(theirs), unit)}
}

// behind says how a server did not hold a rate, "" if it did.
func behind(runs []report.Result, rate string) string {
	for _, r := range runs {
		s := step(r, rate)
		if heard := shareInTime(s); !(heard >= held) {
			return fmt.Sprintf("%.0f %% of the deliveries came while it lasted, p50 %.0f, p99 %.0f ms", 100*heard, s.Latency.P50, s.Latency.P99)
		}
	}
	return ""
}

// example is one thing that went wrong.
func example(runs []report.Result) string {
	for _, r := range runs {
		if err := r.Clean(); err != nil {
			return fmt.Sprintf("%.300s", err.Error())
		}
	}
	return ""
}

// step is a part of a run; one that is missing has no figures.
func step(r report.Result, name string) report.Step {
	i := slices.IndexFunc(r.Steps, func(s report.Step) bool { return s.Name == name })
	if i < 0 {
		return report.Step{}
	}
	return r.Steps[i]
}

func connects(r report.Result) float64 {
	return float64(step(r, "ramp").Connections) / step(r, "ramp").Seconds
}

func mean(values []float64) (sum float64) {
	for _, v := range values {
		sum += v / float64(len(values))
	}
	return sum
}

// span is the mean and, of several, the range.
func span(values []float64) string {
	if len(values) == 1 {
		return short(values[0])
	}
	return fmt.Sprintf("%s (%s-%s)", short(mean(values)), short(slices.Min(values)), short(slices.Max(values)))
}

// short has two digits that count, at least.
func short(v float64) string {
	return fmt.Sprintf("%.*f", max(0, 1-int(math.Floor(math.Log10(max(v, 0.01))))), v)
}

// table is the servers beside each other, for who reads the log.
func table(list map[string]*against) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "server\tCPU µs/delivery at 500, 2000/s\tp50 / p99 ms at 500/s\tat 2000/s\tKiB per connection, before and after\tconnects/s\tlost, doubled, failed")
	line := func(name, process string, r report.Result) {
		slow, fast := step(r, "500/s"), step(r, "2000/s")
		fmt.Fprintf(w, "%s\t%.0f, %.0f\t%.2f / %.1f\t%.2f / %.1f\t%.1f, %.1f\t%.0f\t%d\n", name, slow.Cost[process], fast.Cost[process],
			slow.Latency.P50, slow.Latency.P99, fast.Latency.P50, fast.Latency.P99,
			step(r, "ramp").PerLine[process]/1024, fast.PerLine[process]/1024, connects(r), wrongs(r))
	}
	for _, p := range peers {
		a := list[p.dialect]
		for i := range a.theirs {
			line("ours", "chat", a.ours[i])
			line(a.label, a.dialect, a.theirs[i])
		}
	}
	_ = w.Flush() // into a strings.Builder, which takes everything
	return text.String()
}
