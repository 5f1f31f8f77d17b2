//go:build e2e

package integration

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/chatter"
)

// TestFaults lets 120 members chat while something breaks and heals: nothing may be lost,
// doubled or out of order, for anybody.
func TestFaults(t *testing.T) {
	for _, fault := range []struct {
		name string
		do   func(*testing.T)
	}{
		{"a chat node is killed", func(t *testing.T) { killed(t, "chat-service") }},
		{"a match node is killed while members wait", func(t *testing.T) {
			whileWaiting(t, func() { killed(t, "match-service") })
		}},
		{"Redis restarts, and is empty", func(t *testing.T) {
			whileWaiting(t, func() { restarted(t, "redis") })
		}},
		{"PostgreSQL restarts", func(t *testing.T) { restarted(t, "postgres") }},
		{"Redis hangs for 10 s", func(t *testing.T) { hung(t, "redis") }},
		{"PostgreSQL hangs for 10 s", func(t *testing.T) { hung(t, "postgres") }},
		{"a chat node is cut off from Redis for 10 s", func(t *testing.T) { cutOff(t, "redis") }},
		{"a chat node is cut off from PostgreSQL for 10 s", func(t *testing.T) { cutOff(t, "postgres") }},
	} {
		t.Run(fault.name, func(t *testing.T) { whileChatting(t, func(*chatter.Notes) { fault.do(t) }) })
	}
}

// whileChatting brings 120 members together, does what is to be done while they chat, and
// judges what they lived through.
func whileChatting(t *testing.T, do func(*chatter.Notes)) {
	t.Helper()
	notes := chatter.NewNotes(t)
	arriving, cancel := context.WithTimeout(t.Context(), ceiling)
	defer cancel()
	rooms, err := newRooms(arriving, notes, films(t, 0, chatRooms))
	if err != nil {
		t.Fatal(err)
	}
	hangUp := chatter.Connect(t.Context(), rooms, func(int) string { return system.base })
	defer hangUp()
	chatter.Each(rooms, func(_ int, m *chatter.Member) { await(t, "everybody is connected", m.NotConnected) })
	talking, quiet := context.WithCancel(t.Context())
	defer quiet()
	talked := make(chan struct{})
	go func() { defer close(talked); chatter.Talk(talking, rooms, pace) }()
	<-time.After(calm)

	retries.Store(0)
	do(notes)

	await(t, "everything is well again", func() string { return system.unwell(2, 2) })
	<-time.After(calm)
	quiet()
	<-talked
	chatter.Settle(t, rooms, system.base)
	hangUp()
	chatter.Judge(t, rooms, system.base)
	report(t, notes, rooms)
}

// report tells what members noticed.
func report(t *testing.T, notes *chatter.Notes, rooms []*chatter.Room) {
	t.Helper()
	var away, slowest []time.Duration
	chatter.Each(rooms, func(_ int, m *chatter.Member) {
		if d := m.Away(); d > 0 {
			away = append(away, d)
		}
		slowest = append(slowest, m.Slowest())
	})
	slices.Sort(away)
	slices.Sort(slowest)
	if len(away) == 0 {
		away = []time.Duration{0}
	}
	t.Logf("noticed: %d of %d lost their socket, for %.1f s at most (median %.1f); longest wait for a receipt %.1f s; requests asked again: %d; %v",
		len(slices.DeleteFunc(slices.Clone(away), func(d time.Duration) bool { return d == 0 })), len(slowest),
		away[len(away)-1].Seconds(), away[len(away)/2].Seconds(), slowest[len(slowest)-1].Seconds(), retries.Load(), notes.Counts())
}

// whileWaiting does what is to be done while five wait for each of a few films, who then
// must still be there, in one room with the sixth.
func whileWaiting(t *testing.T, do func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*ceiling)
	defer cancel()
	var lines []*line
	for _, movieID := range films(t, chatRooms, waitingFilms) {
		lines = append(lines, newLine(t, ctx, movieID))
	}
	do()
	for _, l := range lines {
		l.finish(t, ctx)
	}
}

func killed(t *testing.T, service string) {
	t.Helper()
	victim := system.running(t, service)[0]
	run(t, "kill", victim.ID)
	<-time.After(dead)
	run(t, "start", victim.ID)
	system.healthy(t, service)
}

func restarted(t *testing.T, service string) {
	t.Helper()
	run(t, "restart", system.running(t, service)[0].ID)
	system.healthy(t, service)
}

func hung(t *testing.T, service string) {
	t.Helper()
	victim := system.running(t, service)[0]
	run(t, "pause", victim.ID)
	<-time.After(outage)
	run(t, "unpause", victim.ID)
	system.healthy(t, service)
}

func cutOff(t *testing.T, store string) {
	t.Helper()
	victim, network := system.running(t, "chat-service")[0], system.project+"_"+store
	run(t, "network", "disconnect", network, victim.ID)
	<-time.After(outage)
	run(t, "network", "connect", network, victim.ID)
	system.healthy(t, "chat-service")
}
