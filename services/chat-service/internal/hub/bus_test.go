package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// run runs hubs until the returned function is called.
func run(hubs ...*Hub) (stop func()) {
	ctx, stop := context.WithCancel(context.Background())
	for _, h := range hubs {
		go h.Run(ctx)
	}
	return stop
}

func TestHubs_showEachOthersMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, net := newMemory(), newNetwork()
		hubs := net.hubs(s, 3)
		ears := []*ear{{}, {}, {}}
		s.commitN("room", 2)
		for i, h := range hubs {
			defer subscribe(h, "room", ears[i], nil).Close()
		}

		for i := range 30 {
			hubs[i%3].Publish(s.commit("room"))
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()

		for i, e := range ears {
			wantHeard(t, fmt.Sprint("node ", i), e, 3, 32)
		}
		if _, pages := s.queries(); pages != 0 {
			t.Errorf("%d queries for messages that all came", pages)
		}
	})
}

func TestHub_joinsARoomOnceAndLeavesItWithItsLastListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork()
		h := net.hubs(newMemory(), 1)[0]
		a, b := subscribe(h, "room", &ear{}, nil), subscribe(h, "room", &ear{}, nil)
		if net.joins != 1 {
			t.Errorf("joined %d times for two listeners", net.joins)
		}
		a.Close()
		if n := net.nodes[0].rooms(); n != 1 {
			t.Errorf("in %d rooms while one listens", n)
		}
		b.Close()
		if n := net.nodes[0].rooms(); n != 0 {
			t.Errorf("in %d rooms when nobody listens", n)
		}
	})
}

// The receipt of SUBSCRIBE is a barrier: the head is read when the bus has confirmed,
// so that each message is part of it or comes over the bus.
func TestSubscribe_readsTheHeadWhenTheBusHasConfirmed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, net := newMemory(), newNetwork()
		hubs, e := net.hubs(s, 2), &ear{}
		net.nodes[1].gate = make(chan struct{})
		subscribed := make(chan *Subscription)
		go func() { subscribed <- subscribe(hubs[1], "room", e, from(0)) }()
		hubs[0].Publish(s.commit("room"))
		time.Sleep(time.Second)
		if heads, _ := s.queries(); heads != 0 {
			t.Fatal("the head was read before the bus had confirmed")
		}
		net.nodes[1].gate <- struct{}{}
		synctest.Wait()
		hubs[0].Publish(s.commit("room")) // while the head is read
		defer (<-subscribed).Close()

		hubs[0].Publish(s.commit("room"))
		time.Sleep(healAfter)
		synctest.Wait()

		wantHeard(t, "the listener", e, 1, 3)
	})
}

func TestSubscribe_givesUpWithTheBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork()
		h := net.hubs(newMemory(), 1)[0]
		net.nodes[0].gate = make(chan struct{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()

		_, err := h.Subscribe(ctx, "room", &ear{}, nil)

		if !errors.Is(err, context.DeadlineExceeded) || h.Rooms() != 0 {
			t.Errorf("got %v with %d rooms left", err, h.Rooms())
		}
		close(net.nodes[0].gate)
		subscribe(h, "room", &ear{}, nil).Close()
	})
}

func TestRun_findsWhatTheBusLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, net := newMemory(), newNetwork()
		net.fate = func() []time.Duration { return nil }
		hubs, e := net.hubs(s, 2), &ear{}
		defer run(hubs...)()
		defer subscribe(hubs[1], "room", e, from(0)).Close()
		hubs[0].Publish(s.commit("room"))

		time.Sleep(tailCheckEvery + healAfter)
		synctest.Wait()

		wantHeard(t, "the other node", e, 1, 1)
	})
}

// The bus is away for a minute: messages reach the other node within half a second
// then, and at once what was sent just before it came back.
func TestRun_whileTheBusIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, net := newMemory(), newNetwork()
		hubs, e := net.hubs(s, 2), &ear{}
		defer run(hubs[1])()
		defer subscribe(hubs[1], "room", e, from(0)).Close()
		net.turn(false)
		synctest.Wait()
		before, _ := s.queries()
		for i := range int64(120) {
			hubs[0].Publish(s.commit("room"))
			time.Sleep(tailCheckAlone + healAfter - time.Nanosecond)
			synctest.Wait()
			wantHeard(t, "a moment before it is due, the other node", e, 1, i)
			time.Sleep(time.Nanosecond)
			synctest.Wait()
			wantHeard(t, "half a second later, the other node", e, 1, i+1)
			time.Sleep(tailCheckAlone - healAfter)
			synctest.Wait() // just after a check
		}
		if now, _ := s.queries(); now-before != 240 {
			t.Errorf("%d checks in two minutes, want one each half second", now-before)
		}
		hubs[0].Publish(s.commit("room"))
		net.turn(true)
		time.Sleep(healAfter)
		synctest.Wait()

		wantHeard(t, "when the bus is back, the other node", e, 1, 121)
	})
}

func TestHub_dropsWhatIsMalformedOnTheBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, net := newMemory(), newNetwork()
		h, e := net.hubs(s, 1)[0], &ear{}
		defer subscribe(h, "room", e, nil).Close()
		for _, payload := range []string{
			"", "null", "[]", `{"roomId":"room","seq":"1"}`, `{"roomId":"room","seq":1,"planted":true}`, `{"roomId":"other","seq":1}`,
			`{"roomId":"room","seq":0}`, `{"roomId":"room","seq":-1}`, "{\"roomId\":\"room\",\"seq\":1,\"comment\":\"\xff\"}", `{"roomId":"room","seq":1`,
		} {
			net.nodes[0].arrive("room", []byte(payload))
		}
		good, err := json.Marshal(s.commit("room"))
		if err != nil {
			t.Fatal(err)
		}
		net.nodes[0].arrive("room", good)

		wantHeard(t, "the listener", e, 1, 1)
	})
}

// TestHubs_overABadBus lets chance lose, repeat and reorder what the bus carries, take
// it away and bring it back, while messages are committed on all nodes and listeners
// come with any last seq: each hears everything after it, in order, once.
func TestHubs_overABadBus(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		nodes := rapid.IntRange(2, 3).Draw(r, "nodes")
		delays := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(0, 200), 0, 3), 1, 20).Draw(r, "milliseconds of copies")
		script := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) step {
			return step{rapid.SampledFrom([]string{"commit", "commit", "subscribe", "time", "bus"}).Draw(r, "what"), rapid.IntRange(0, 1000).Draw(r, "n")}
		}), 1, 80).Draw(r, "script")
		var wrong string
		synctest.Test(t, func(*testing.T) { wrong = playNetwork(nodes, delays, script) })
		if wrong != "" {
			r.Fatal(wrong)
		}
	})
}

func playNetwork(nodes int, delays [][]int, script []step) string {
	s, net := newMemory(), newNetwork()
	turn := 0
	net.fate = func() (copies []time.Duration) {
		turn++
		for _, ms := range delays[turn%len(delays)] {
			copies = append(copies, time.Duration(ms)*time.Millisecond)
		}
		return copies
	}
	hubs := net.hubs(s, nodes)
	defer run(hubs...)()
	var ears []*ear
	var firsts []int64
	for _, st := range script {
		h := hubs[st.n%nodes]
		switch st.what {
		case "commit":
			var batch []chat.Message
			for range 1 + st.n%5 {
				batch = append(batch, s.commit("room"))
			}
			if st.n%7 == 0 {
				slices.Reverse(batch) // two commits that finish in the other order
			}
			for _, m := range batch {
				h.Publish(m)
			}
		case "subscribe":
			ears, firsts = append(ears, &ear{}), append(firsts, int64(st.n%(len(s.rooms["room"])+1))+1)
			defer subscribe(h, "room", ears[len(ears)-1], from(firsts[len(firsts)-1]-1)).Close()
		case "time":
			time.Sleep(time.Duration(st.n%300) * time.Millisecond)
		case "bus":
			net.turn(st.n%2 == 0)
		}
	}
	time.Sleep(tailCheckEvery + time.Second)
	synctest.Wait()
	for i, e := range ears {
		if diff := cmp.Diff(e.heard(), numbers(firsts[i], int64(len(s.rooms["room"])))); diff != "" || e.failure() != nil {
			return fmt.Sprintf("listener %d, from %d (-heard +wanted): %v\n%s", i, firsts[i], e.failure(), diff)
		}
	}
	return ""
}

// A thousand readers that take nothing of their replay hold up nobody.
func TestHub_stalledReadersHoldUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		s.commitN("room", 3*replayPage)
		for range 1_000 {
			defer subscribe(h, "room", &ear{gate: make(chan struct{})}, from(0)).Close()
		}
		defer subscribe(h, "room", e, from(0)).Close()
		for range 100 {
			h.Publish(s.commit("room"))
		}
		settle()

		wantHeard(t, "the one who reads", e, 1, 3*replayPage+100)
		r := h.find("room")
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.listeners) != 1 || len(r.held) != 0 {
			t.Errorf("%d are live, %d held", len(r.listeners), len(r.held))
		}
	})
}
