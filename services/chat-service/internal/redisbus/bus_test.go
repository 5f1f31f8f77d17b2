package redisbus

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func TestBus_onTheEmbeddedRedis(t *testing.T) {
	suite(t, func(t *testing.T) redis.UniversalClient {
		r, err := embedded.StartRedis()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
		return r.Client
	}, false)
}

// ceiling is how long a test waits for what must come; nothing waits so long unless it
// is broken.
const ceiling = 30 * time.Second

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(ceiling); !holds(); {
		if time.Now().After(deadline) {
			t.Fatal("never: ", what)
		}
		<-time.After(time.Millisecond)
	}
}

// startBus runs a node's bus until the test ends.
func startBus(t *testing.T, client redis.UniversalClient) *Bus {
	t.Helper()
	b := New(client, slog.New(slog.DiscardHandler))
	run(t, b)
	return b
}

// run runs a bus until stop is called, or the test ends.
func run(t *testing.T, b *Bus) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { b.Run(ctx) })
	stop = func() { cancel(); running.Wait() }
	t.Cleanup(stop)
	return stop
}

func startBuses(t *testing.T, client redis.UniversalClient, n int) []*Bus {
	t.Helper()
	buses := make([]*Bus, n)
	for i := range buses {
		buses[i] = startBus(t, client)
		eventually(t, "the bus is up", buses[i].Up)
	}
	return buses
}

// ear remembers what it received.
type ear struct {
	mu  sync.Mutex // guards all
	all []string
}

func (e *ear) receive(payload []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, string(payload))
}

func (e *ear) heard() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string{}, e.all...)
}

func join(t *testing.T, b *Bus, roomID string, kind byte) (e *ear, leave func()) {
	t.Helper()
	e = &ear{}
	leave, err := b.Join(t.Context(), roomID, kind, e.receive)
	if err != nil {
		t.Fatal("join:", err)
	}
	return e, leave
}

func wantHeard(t *testing.T, what string, e *ear, want ...string) {
	t.Helper()
	eventually(t, fmt.Sprint(what, " hears ", len(want), " payloads"), func() bool { return len(e.heard()) >= len(want) })
	if diff := cmp.Diff(e.heard(), append([]string{}, want...)); diff != "" {
		t.Errorf("%s (-heard +wanted):\n%s", what, diff)
	}
}

// suite is what every Redis must do.
func suite(t *testing.T, start func(*testing.T) redis.UniversalClient, sharded bool) {
	t.Run("what is sent after a join reaches all other nodes in order and not the sender", func(t *testing.T) {
		nodes := startBuses(t, start(t), 3)
		var ears []*ear
		for _, b := range nodes {
			e, leave := join(t, b, "room", 'm')
			defer leave()
			ears = append(ears, e)
		}
		var want []string
		for i := range 500 {
			want = append(want, fmt.Sprint("message ", i))
			nodes[0].Send("room", 'm', []byte(want[i]))
		}
		for i := range 2 {
			wantHeard(t, fmt.Sprint("node ", i+1), ears[i+1], want...)
		}
		nodes[1].Send("room", 'm', []byte("the end"))
		wantHeard(t, "the first sender", ears[0], "the end")
	})

	t.Run("what is held goes with the flush, with what is sent, when there is enough, or in the end", func(t *testing.T) {
		nodes := startBuses(t, start(t), 2)
		there, leave := join(t, nodes[1], "room", 'm')
		defer leave()
		hold := func(text string) { nodes[0].Hold("room", 'm', []byte(text)) }

		hold("a")
		hold("b")
		nodes[0].Flush()
		wantHeard(t, "after a flush, the other", there, "a", "b")

		hold("c")
		nodes[0].Send("room", 'm', []byte("d"))
		wantHeard(t, "after one that is not held, the other", there, "a", "b", "c", "d")

		want := there.heard()
		for i := range enough {
			want = append(want, fmt.Sprint(i))
			hold(fmt.Sprint(i))
		}
		wantHeard(t, "of many, the other", there, want...)

		want = append(want, "last") // its flush follows those too soon
		hold("last")
		nodes[0].Flush()
		wantHeard(t, "after a flush that none follows, the other", there, want...)
	})

	t.Run("rooms and kinds are kept apart", func(t *testing.T) {
		nodes := startBuses(t, start(t), 2)
		messages, leave1 := join(t, nodes[1], "a", 'm')
		defer leave1()
		events, leave2 := join(t, nodes[1], "a", 'e')
		defer leave2()
		other, leave3 := join(t, nodes[1], "b", 'm')
		defer leave3()

		nodes[0].Send("nobody's", 'm', []byte("0"))
		nodes[0].Send("a", 'm', []byte("1"))
		nodes[0].Send("a", 'e', []byte("2"))
		nodes[0].Send("a", 'x', []byte("3"))
		nodes[0].Send("b", 'm', []byte{})
		nodes[0].Send("a", 'm', []byte("4"))

		wantHeard(t, "messages of a", messages, "1", "4")
		wantHeard(t, "events of a", events, "2")
		wantHeard(t, "messages of b", other, "")
	})

	t.Run("a room is subscribed only while somebody on the node is in it", func(t *testing.T) {
		client := start(t)
		b := startBuses(t, client, 1)[0]
		subscribers := func() int64 { return subscribersOf(t, client, sharded, "room") }
		_, leave1 := join(t, b, "room", 'm')
		_, leave2 := join(t, b, "room", 'e')
		if n := subscribers(); n != 1 {
			t.Errorf("%d subscriptions for two kinds of one room", n)
		}
		leave1()
		e, leave3 := join(t, b, "room", 'm')
		leave2()
		leave3()
		eventually(t, "nobody is subscribed", func() bool { return subscribers() == 0 })
		eventually(t, "the room is forgotten", func() bool { b.mu.Lock(); defer b.mu.Unlock(); return len(b.channels) == 0 })
		if got := e.heard(); len(got) != 0 {
			t.Error("heard", got)
		}
	})

	// Confirmations of an earlier subscription must not be taken for one of the latest.
	t.Run("who joins while others come and go misses nothing", func(t *testing.T) {
		nodes := startBuses(t, start(t), 2)
		var all sync.WaitGroup
		for worker := range 8 {
			all.Go(func() {
				for i := range 60 {
					room, text := fmt.Sprint("room ", (worker+i)%3), fmt.Sprint(worker, " ", i)
					heard := make(chan struct{}, 1)
					leave, err := nodes[1].Join(context.Background(), room, 'm', func(p []byte) {
						if string(p) == text {
							heard <- struct{}{}
						}
					})
					if err != nil {
						t.Error(err)
						return
					}
					nodes[0].Send(room, 'm', []byte(text))
					select {
					case <-heard:
					case <-time.After(ceiling):
						t.Errorf("%s: what was sent after the join never came", text)
						return
					}
					leave()
				}
			})
		}
		all.Wait()
	})

	t.Run("thousands of rooms are joined together", func(t *testing.T) {
		nodes := startBuses(t, start(t), 2)
		const rooms = 2*maxPerCommand + 1
		heard := make(chan string, rooms)
		var all sync.WaitGroup
		for i := range rooms {
			all.Go(func() {
				_, err := nodes[1].Join(t.Context(), fmt.Sprint("room ", i), 'm', func(p []byte) { heard <- string(p) })
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for i := range rooms {
			nodes[0].Send(fmt.Sprint("room ", i), 'm', []byte(fmt.Sprint("text ", i)))
		}
		got := map[string]bool{}
		for range rooms {
			select {
			case text := <-heard:
				got[text] = true
			case <-time.After(ceiling):
				t.Fatalf("%d of %d rooms have heard", len(got), rooms)
			}
		}
		if len(got) != rooms {
			t.Errorf("%d of %d texts", len(got), rooms)
		}
	})

	t.Run("an envelope that no node made is dropped and harms nobody", func(t *testing.T) {
		client := start(t)
		nodes := startBuses(t, client, 2)
		e, leave := join(t, nodes[1], "room", 'm')
		defer leave()
		publish := client.Publish
		if sharded {
			publish = client.SPublish
		}
		for _, forged := range []string{"", "hello", strings.Repeat("\xff", 100)} {
			if err := publish(t.Context(), channelName("room"), forged).Err(); err != nil {
				t.Fatal(err)
			}
		}
		nodes[0].Send("room", 'm', []byte("true"))
		wantHeard(t, "the node", e, "true")
	})
}

func subscribersOf(t *testing.T, client redis.UniversalClient, sharded bool, roomID string) int64 {
	t.Helper()
	ask := client.PubSubNumSub
	if sharded {
		ask = client.PubSubShardNumSub
	}
	counts, err := ask(t.Context(), channelName(roomID)).Result()
	if err != nil {
		t.Fatal(err)
	}
	return counts[channelName(roomID)]
}

func TestBus_whileRedisIsAway(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	b := startBus(t, client)

	_, leave := join(t, b, "room", 'm') // returns: else the test does not end
	b.Send("room", 'm', []byte("lost"))
	leave()

	if b.Up() || len(b.queue.take(time.Now())) != 0 {
		t.Error("the bus says it is up, or keeps what it cannot send")
	}
	if n := gather(t, b)["chat_bus_dropped_total"]; n != 1 {
		t.Errorf("%v payloads counted as dropped", n)
	}
}

func TestJoin_endsWithItsContext(t *testing.T) {
	b := New(nil, slog.New(slog.DiscardHandler))
	b.attach(&line{bus: b, wake: make(chan struct{}, 1)}) // nobody writes to it
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	leave, err := b.Join(ctx, "room", 'm', func([]byte) {})

	if err == nil || leave != nil || len(b.channels[channelName("room")].receivers) != 0 {
		t.Errorf("got %v; want an error and nobody left in the room", err)
	}
}

func TestChannelName_hashesTheRoomAlone(t *testing.T) {
	id := uuid.NewString()
	if name := channelName(id); !strings.Contains(name, "{"+id+"}") {
		t.Error(name)
	}
}
