package hub

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestSubscribe_replaysThenGoesLive(t *testing.T) {
	for _, c := range []struct {
		what    string
		before  int // committed before anybody listens
		live    int // published to another listener: they are in the tail
		after   *int64
		first   int64 // 0: nothing
		queries int   // for messages; -1: any
	}{
		{"live only", 10, 10, nil, 21, 0},
		{"from the tail", 10, tailSize, from(10), 11, 0},
		{"from the middle of the tail", 10, tailSize, from(15), 16, 0},
		{"a message before the tail", 10, tailSize, from(9), 10, 1},
		{"from the store", 3 * replayPage, 0, from(0), 1, 3},
		{"from the store and the tail", 3*replayPage + 7, 5, from(0), 1, -1},
		{"at the head", 10, 10, from(20), 21, 0},
		{"beyond the head is live only", 10, 10, from(99), 21, 0},
		{"an empty room", 0, 0, from(0), 1, 0},
		{"a tail that has moved on", 0, 3 * tailSize, from(0), 1, -1},
	} {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newMemory()
				h, e, other := newTestHub(s), &ear{}, &ear{}
				s.commitN("room", c.before)
				defer subscribe(h, "room", other, nil).Close()
				for range c.live {
					h.Publish(s.commit("room"))
				}

				defer subscribe(h, "room", e, c.after).Close()
				settle()
				_, pages := s.queries()
				for range 3 {
					h.Publish(s.commit("room"))
				}
				settle()

				total := int64(c.before + c.live + 3)
				wantHeard(t, "the newcomer", e, c.first, total)
				wantHeard(t, "who was there before", other, int64(c.before+1), total)
				if c.queries >= 0 && pages != c.queries {
					t.Errorf("the replay took %d queries, want %d", pages, c.queries)
				}
			})
		})
	}
}

// A replay that is slower than the writer misses nothing and queues nothing: it goes on
// until it has caught up.
func TestSubscribe_catchesUpWithAWriterThatGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{gate: make(chan struct{})}
		s.commitN("room", 5*replayPage)
		sub := subscribe(h, "room", e, from(0))
		defer sub.Close()

		for range 4 * replayPage {
			h.Publish(s.commit("room")) // one more, while two are read
			e.gate <- struct{}{}
			e.gate <- struct{}{}
		}
		close(e.gate)
		settle()
		h.Publish(s.commit("room"))
		settle()

		wantHeard(t, "the slow listener", e, 1, int64(len(s.rooms["room"])))
	})
}

// A replay may read from the store what is committed and not published yet; when the
// publication comes it must not be heard again.
func TestSubscribe_replayPastTheHeadIsNotHeardTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e, other := newTestHub(s), &ear{gate: make(chan struct{})}, &ear{}
		s.commitN("room", 3)
		defer subscribe(h, "room", other, nil).Close()
		defer subscribe(h, "room", e, from(0)).Close()
		settle()
		late := s.commit("room")
		h.Publish(s.commit("room")) // 5 is held: 4 is missing
		close(e.gate)               // the replay reads 1 to 3 of an older page
		settle()
		h.Publish(late)
		settle()

		wantHeard(t, "the replay", e, 1, 5)
		wantHeard(t, "the other", other, 4, 5)
	})
}

// A client that comes from another node may have more than this node has heard of.
func TestSubscribe_withALastSeqThatIsNewsToThisNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e, other := newTestHub(s), &ear{}, &ear{}
		defer subscribe(h, "room", other, nil).Close()
		messages := s.commitN("room", 3) // by another node; the bus is late

		defer subscribe(h, "room", e, from(2)).Close()
		for _, m := range messages {
			h.Publish(m)
		}
		settle()

		wantHeard(t, "who had 2 already", e, 3, 3)
		wantHeard(t, "the other", other, 1, 3)
	})
}

// The store is away for a while in the middle of a replay: for a moment, which nobody
// notices, or for too long.
func TestSubscribe_replayWaitsForAStoreThatIsAwayForAMoment(t *testing.T) {
	for _, c := range []struct {
		away  time.Duration
		fails bool
	}{
		{2 * time.Second, false},
		{(maxFruitless - 1) * healRetry, false},
		{time.Hour, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newMemory()
			h, e := newTestHub(s), &ear{gate: make(chan struct{})}
			s.commitN("room", 2*replayPage)
			sub := subscribe(h, "room", e, from(0))
			defer sub.Close()
			settle()
			s.setAway(true)
			close(e.gate)
			time.Sleep(c.away)
			s.setAway(false)
			settle()

			if c.fails {
				if !errors.Is(e.failure(), errAway) || len(e.heard()) != replayPage {
					t.Errorf("heard %d messages and %v; want one page and the store's error", len(e.heard()), e.failure())
				}
				return
			}
			if e.failure() != nil {
				t.Errorf("away for %v: %v", c.away, e.failure())
			}
			wantHeard(t, "the replay", e, 1, 2*replayPage)
		})
	}
}

// Another mistake of the store is no use to repeat.
func TestSubscribe_replayThatCannotReadTellsItsListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{gate: make(chan struct{})}
		s.commitN("room", 2*replayPage)
		sub := subscribe(h, "room", e, from(0))
		defer sub.Close()
		settle()
		s.setBroken()
		close(e.gate)
		synctest.Wait()
		time.Sleep(batchWindow)
		synctest.Wait()

		if !errors.Is(e.failure(), errBroken) || len(e.heard()) != replayPage {
			t.Errorf("heard %d messages and %v; want one page and the store's error", len(e.heard()), e.failure())
		}
	})
}

func TestClose_endsAReplayAndForgetsTheRoomWithItsLastListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, slow, live := newTestHub(s), &ear{gate: make(chan struct{})}, &ear{}
		messages := s.commitN("room", 10)
		a, b := subscribe(h, "room", slow, from(0)), subscribe(h, "room", live, nil)

		a.Close()
		settle() // its goroutine ends, else the bubble does not
		h.Publish(s.commit("room"))
		if h.Rooms() != 1 {
			t.Errorf("%d rooms while one listens", h.Rooms())
		}
		b.Close()
		h.Publish(s.commit("room"))

		if h.Rooms() != 0 || len(slow.heard()) != 0 || slow.failure() != nil {
			t.Errorf("%d rooms are left, the closed one heard %v, %v", h.Rooms(), slow.heard(), slow.failure())
		}
		wantHeard(t, "who stayed longer", live, int64(len(messages)+1), int64(len(messages)+1))
	})
}
