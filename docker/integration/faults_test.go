//go:build e2e

package integration

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/chatter"
)

// TestFaults lets 120 members chat while something breaks and heals: nothing may be lost,
// doubled or out of order, for anybody. Each fault also proves that it was one.
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
			whileWaiting(t, func() { restarted(t, "redis", busDown) })
		}},
		{"PostgreSQL restarts", func(t *testing.T) { restarted(t, "postgres", commitsFail) }},
		{"Redis hangs for 10 s", func(t *testing.T) { hung(t, "redis", busDown) }},
		{"PostgreSQL hangs for 10 s", func(t *testing.T) { hung(t, "postgres", commitsFail) }},
		{"a chat node is cut off from Redis for 10 s", func(t *testing.T) { cutOff(t, "redis", busDown) }},
		{"a chat node is cut off from PostgreSQL for 10 s", func(t *testing.T) { cutOff(t, "postgres", commitsFail) }},
	} {
		t.Run(fault.name, func(t *testing.T) { whileChatting(t, func(*chatter.Notes) { fault.do(t) }) })
	}
}

// What a chat node logs when it has lost a store.
const (
	busDown     = `"msg":"bus is down`
	commitsFail = `"msg":"commit tried again"`
)

// whileChatting brings 120 members together, does what is to be done while they chat, and
// judges what they lived through.
func whileChatting(t *testing.T, do func(*chatter.Notes)) {
	t.Helper()
	notes := chatter.NewNotes(t)
	arriving, cancel := context.WithTimeout(t.Context(), ceiling)
	defer cancel()
	rooms, err := newRooms(arriving, notes, newFilms(t, chatRooms))
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
	system.noCrash(t)
	report(t, notes, rooms)
}

// report tells what members noticed.
func report(t *testing.T, notes *chatter.Notes, rooms []*chatter.Room) {
	t.Helper()
	var away, slowest, delay []time.Duration
	chatter.Each(rooms, func(_ int, m *chatter.Member) {
		if d := m.Away(); d > 0 {
			away = append(away, d)
		}
		slowest, delay = append(slowest, m.Slowest()), append(delay, m.Delay())
	})
	slices.Sort(away)
	if len(away) == 0 {
		away = []time.Duration{0}
	}
	t.Logf("noticed: %d of %d lost their socket, for %.1f s at most (median %.1f); longest wait for a receipt %.1f s, for a message of others %.1f s; requests asked again: %d; %v",
		len(slices.DeleteFunc(slices.Clone(away), func(d time.Duration) bool { return d == 0 })), len(slowest),
		away[len(away)-1].Seconds(), away[len(away)/2].Seconds(), slices.Max(slowest).Seconds(), slices.Max(delay).Seconds(), retries.Load(), notes.Counts())
}

// whileWaiting does what is to be done while five wait for each of a few films, who then
// must still be there, in one room with the sixth.
func whileWaiting(t *testing.T, do func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*ceiling)
	defer cancel()
	var lines []*line
	for _, movieID := range newFilms(t, waitingFilms) {
		lines = append(lines, newLine(t, ctx, movieID))
	}
	do()
	for _, l := range lines {
		l.finish(t, ctx)
	}
}

// killed kills a node that serves somebody, and starts it again.
func killed(t *testing.T, service string) {
	t.Helper()
	victim := system.running(t, service)[0]
	await(t, victim.Name+" serves somebody", func() string {
		if system.open(t, victim) == 0 {
			return "it has nothing open"
		}
		return ""
	})
	system.noCrash(t)
	run(t, "kill", victim.ID)
	<-time.After(dead)
	run(t, "start", victim.ID)
	system.healthy(t, service)
}

func restarted(t *testing.T, store, sign string) {
	t.Helper()
	system.noCrash(t)
	noticed(t, sign, system.running(t, "chat-service")[0], func() {
		run(t, "restart", system.running(t, store)[0].ID)
		system.healthy(t, store)
	})
}

func hung(t *testing.T, store, sign string) {
	t.Helper()
	victim := system.running(t, store)[0]
	noticed(t, sign, system.running(t, "chat-service")[0], func() {
		freeze(t, victim)
		<-time.After(outage)
		run(t, "unpause", victim.ID)
		system.healthy(t, store)
	})
}

// freeze pauses a container. Linux freezes no process that is waiting for its disk, and runc
// looks for only a moment before it thaws all of them again and refuses; a store that syncs is
// often waiting for its disk.
func freeze(t *testing.T, c container) {
	t.Helper()
	await(t, c.Name+" stands still", func() string {
		if _, err := docker("pause", c.ID); err != nil {
			return err.Error()
		}
		return ""
	})
}

func cutOff(t *testing.T, store, sign string) {
	t.Helper()
	victim, network := system.running(t, "chat-service")[0], system.project+"_"+store
	noticed(t, sign, victim, func() {
		run(t, "network", "disconnect", network, victim.ID)
		<-time.After(outage)
		run(t, "network", "connect", network, victim.ID)
		system.healthy(t, "chat-service")
	})
}

// noticed does something that a chat node must notice, and says so if it does not.
func noticed(t *testing.T, sign string, node container, do func()) {
	t.Helper()
	began := time.Now()
	do()
	await(t, node.Name+" has noticed", func() string {
		if !strings.Contains(saidSince(t, node, began), sign) {
			return "it has not logged " + sign
		}
		return ""
	})
}
