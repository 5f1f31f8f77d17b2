//go:build integration && bench

package main

import (
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
)

// benchIdle: nobody talks; then as many as 20,000 open files allow, who do.
func benchIdle(t *testing.T, w *world) []board.Row {
	quiet := w.measure("chat", with("-connections", everybody, "-rate", "0", "-duration", "30s", "-beat", "10s")...)
	w = newSteadyWorld(t)
	full := w.measure("chat", with("-connections", "18996", "-rate", "2000", "-duration", "20s", "-beat", "10s")...)
	idle, talk := w.stepOf(quiet, "0/s"), w.stepOf(full, "2000/s")
	return []board.Row{
		{What: "chat-service CPU, 9,996 connections, heart-beats of 10 s both ways", Value: idle.Used["chat"].CPU / idle.Seconds, Unit: "cores", Goal: board.AtMost(0.15), Stretch: board.AtMost(0.08)},
		{What: "memory per idle connection", Value: idle.PerLine["chat"] / 1024, Unit: "KiB"},
		wrong(quiet),
		{What: "connections in one process, at 2,000/s", Value: float64(talk.Connections), Goal: board.AtLeast(18996)},
		inTime("2,000/s", talk),
		{What: "memory per connection of them", Value: talk.PerLine["chat"] / 1024, Unit: "KiB"},
		{What: "p99 from send to delivery with them", Value: talk.Latency.P99, Unit: "ms"},
		wrong(full),
	}
}
