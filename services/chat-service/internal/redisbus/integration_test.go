//go:build integration

package redisbus

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/redistest"
	"github.com/sixseat/sixseat/pkg/testenv"
)

func TestBus_onRedis(t *testing.T) {
	suite(t, func(t *testing.T) redis.UniversalClient { return redistest.Open(t, testenv.StartRedis(t).URL) }, true)
}

// Redis stops and comes back empty: each bus says so once, and carries every room again
// before it says that it is up, those joined and left meanwhile included.
func TestBus_comesBackWithRedis(t *testing.T) {
	server := testenv.StartRedis(t)
	client := redistest.Open(t, server.URL)
	nodes := []*Bus{New(client, slog.New(slog.DiscardHandler)), New(client, slog.New(slog.DiscardHandler))}
	var mu sync.Mutex
	changes := map[int][]bool{}
	for i, b := range nodes {
		b.OnChange(func(up bool) { mu.Lock(); defer mu.Unlock(); changes[i] = append(changes[i], up) })
		run(t, b)
		eventually(t, "the bus is up", b.Up)
	}
	var ears []*ear
	var leaveLater []func()
	const rooms = maxPerCommand + 10
	for i := range rooms {
		e, leave := join(t, nodes[1], fmt.Sprint("room ", i), 'm')
		if i%2 == 0 {
			defer leave()
			ears = append(ears, e)
		} else {
			leaveLater = append(leaveLater, leave)
		}
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, b := range nodes {
		eventually(t, "the bus is down", func() bool { return !b.Up() })
		eventually(t, "nothing is sent", func() bool { _, connected := b.sharded(); return !connected })
	}
	nodes[0].Send("room 0", 'm', []byte("lost"))
	for _, leave := range leaveLater {
		leave()
	}
	late, leave := join(t, nodes[1], "late", 'm')
	defer leave()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	for _, b := range nodes {
		eventually(t, "the bus is up again", b.Up)
	}

	nodes[0].Send("late", 'm', []byte("back"))
	for i := range ears {
		nodes[0].Send(fmt.Sprint("room ", 2*i), 'm', []byte("back"))
	}

	wantHeard(t, "who joined meanwhile", late, "back")
	for i, e := range ears {
		wantHeard(t, fmt.Sprint("room ", 2*i), e, "back")
	}
	if n := subscribersOf(t, client, true, "room 1"); n != 0 {
		t.Error("a room that was left meanwhile is subscribed again")
	}
	mu.Lock()
	defer mu.Unlock()
	want := map[int][]bool{0: {true, false, true}, 1: {true, false, true}}
	if diff := cmp.Diff(changes, want); diff != "" {
		t.Errorf("changes of Up (-got +want):\n%s", diff)
	}
}

// A line that Redis cuts, as for a reader that is too slow, is noticed and replaced.
func TestBus_comesBackWhenItsLineIsCut(t *testing.T) {
	client := redistest.Open(t, testenv.StartRedis(t).URL)
	nodes := startBuses(t, client, 2)
	e, leave := join(t, nodes[1], "room", 'm')
	defer leave()
	old := lineOf(nodes[1])

	if err := client.Do(t.Context(), "CLIENT", "KILL", "TYPE", "pubsub").Err(); err != nil {
		t.Fatal(err)
	}

	eventually(t, "another line", func() bool { l := lineOf(nodes[1]); return l != nil && l != old && nodes[1].Up() })
	eventually(t, "the sender is connected", nodes[0].Up)
	nodes[0].Send("room", 'm', []byte("back"))
	wantHeard(t, "the node", e, "back")
}

func lineOf(b *Bus) *line {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.line
}
