//go:build integration && bench

package main

import (
	"slices"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
	"github.com/sixseat/sixseat/infra/capacity/internal/usage"
)

// benchNodes: people and what they say on one chat node, then 1.8 times as many who say as
// much each on two nodes, of which each has half of every room, both also when twice as much is
// said, and both by turns, twice; and what one node says at a rate, on two nodes.
func benchNodes(t *testing.T, w *world) []board.Row {
	var one, more [turns]report.Result
	for i := range turns {
		one[i] = w.measure("chat", with("-connections", everybody, "-rate", "1000,2000", "-duration", "20s")...)
		w = newSteadyWorld(t)
		w.another()
		more[i] = w.measure("chat", with("-connections", "17994", "-rate", "1800,3600", "-duration", "20s")...)
		w = newSteadyWorld(t)
	}
	w.another()
	same := w.measure("chat", with("-connections", everybody, "-rate", "2000", "-duration", "20s")...)
	last, busy, alike := w.stepOf(more[turns-1], "1800/s"), w.stepOf(more[turns-1], "3600/s"), w.stepOf(same, "2000/s")
	few, talkative := w.costs(one, "1000/s"), w.costs(one, "2000/s")
	many, talkatives := w.costs(more, "1800/s"), w.costs(more, "3600/s")
	people := float64(last.Connections) / float64(alike.Connections)
	empty := w.counts("prepare", slices.Concat(one[:], more[:])...) // of the same node, whether there will be another
	forFew, forMany := w.counts("1000/s", one[:]...)-empty, w.counts("1800/s", more[:]...)-empty
	fewTake, manyTake := w.mean(one, "1000/s", w.taken), w.mean(more, "1800/s", w.taken)
	return []board.Row{
		{What: "connections of two nodes, before they refuse more for want of memory, of one node's", Value: people * forFew / forMany, Unit: "x", Goal: board.AtLeast(1.8),
			Note: "1.8 times the people, who say as much each: 17,994 at 1,800/s, 9,996 at 1,000. Every room is on both nodes, the worst case"},
		{What: "the same, by what the processes take, garbage included", Value: people * fewTake / (manyTake / 2), Unit: "x"},
		{What: "CPU per delivery of two nodes together, with 1.8 times the people, of one node's", Value: many / few, Unit: "x", Goal: board.AtMost(1.25)},
		{What: "CPU per delivery, one node, at 1,000/s", Value: few, Unit: "µs"},
		{What: "CPU per delivery, two nodes together, at 1,800/s", Value: many, Unit: "µs"},
		{What: "Redis CPU per delivery, two nodes, at 1,800/s", Value: last.Cost["redis"], Unit: "µs"},
		{What: "CPU per delivery of two nodes together, with 1.8 times the people, of one node's, when twice as much is said: 3,600/s to 2,000", Value: talkatives / talkative, Unit: "x"},
		inTime("3,600/s", busy),
		{What: "memory that one node counts (`chat_memory_used_bytes`) for its 9,996 connections", Value: forFew / (1 << 20), Unit: "MiB"},
		{What: "memory that each of two nodes counts for 17,994", Value: forMany / (1 << 20), Unit: "MiB"},
		{What: "memory that one node takes for its 9,996", Value: fewTake / (1 << 20), Unit: "MiB"},
		{What: "memory that each of two nodes takes for 17,994", Value: manyTake / 2 / (1 << 20), Unit: "MiB"},
		{What: "p99 from send to delivery, two nodes, at 1,800/s", Value: last.Latency.P99, Unit: "ms"},
		{What: "p99 from send to delivery, two nodes, at 3,600/s", Value: busy.Latency.P99, Unit: "ms"},
		{What: "CPU per delivery of two nodes together, with the same people and 2,000/s, of one node's", Value: cost(alike) / talkative, Unit: "x",
			Note: "Each does half of what the one did, in as many commits"},
		{What: "connections of two nodes before they refuse more, with the same people and 2,000/s, of one node's", Value: (w.counts("2000/s", one[:]...) - empty) / (w.counts("2000/s", same) - empty), Unit: "x"},
		wrong(slices.Concat(one[:], more[:], []report.Result{same})...),
	}
}

// turns is how often one node and two are measured, by turns: a machine is by turns a tenth
// faster or slower.
const turns = 2

// costs is the mean of what all chat nodes together use for a delivery at a rate, in µs.
func (w *world) costs(runs [turns]report.Result, rate string) float64 {
	return w.mean(runs, rate, func(_ report.Result, s report.Step) float64 { return cost(s) })
}

// mean is that of a figure of a step of all runs.
func (w *world) mean(runs [turns]report.Result, rate string, figure func(report.Result, report.Step) float64) float64 {
	var all []float64
	for _, r := range runs {
		all = append(all, figure(r, w.stepOf(r, rate)))
	}
	return mean(all)
}

// cost is what all chat nodes together use for a delivery, in µs.
func cost(s report.Step) float64 { return s.Cost["chat"] + s.Cost["chat2"] }

// counts is the mean of what one chat node counts against LIMIT_MEMORY in a phase, in octets.
func (w *world) counts(phase string, runs ...report.Result) float64 {
	var all []float64
	for _, r := range runs {
		for _, node := range nodesIn(r.Steps[0]) {
			all = append(all, w.settled(r, phase, node, func(s usage.Sample) int64 { return s.Live }))
		}
	}
	return mean(all)
}

// taken is what all chat nodes together have taken for their connections, in octets.
func (w *world) taken(r report.Result, s report.Step) (all float64) {
	for _, node := range nodesIn(s) {
		before := float64(s.Used[node].RSS) - s.PerLine[node]*float64(s.Connections)
		all += w.settled(r, s.Name, node, func(s usage.Sample) int64 { return s.RSS }) - before
	}
	return all
}

func nodesIn(s report.Step) (nodes []string) {
	for _, node := range []string{"chat", "chat2"} {
		if _, there := s.Used[node]; there {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// settled is the mean of a process's memory in a phase's second half. One reading is wherever
// the collector is just then, a twentieth above or below the next.
func (w *world) settled(r report.Result, phase, node string, memory func(usage.Sample) int64) float64 {
	var readings []float64
	var collections []int64
	for _, second := range r.Seconds {
		if sample, there := second.Usage[node]; there && second.Phase == phase {
			readings, collections = append(readings, float64(memory(sample))), append(collections, sample.GCs)
		}
	}
	half := len(readings) / 2
	if half == 0 || slices.Min(readings) == 0 {
		w.Fatalf("%s: %s's memory is not known: %v", phase, node, readings)
	}
	if collections[half] == collections[0] {
		w.Errorf("%s: nothing was collected at %s before its second half, so that it says what was in use before", phase, node)
	}
	return mean(readings[half:])
}
