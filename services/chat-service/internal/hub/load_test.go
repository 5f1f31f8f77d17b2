package hub

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestSubscribe_failsWithTheStoreAndForgetsTheRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h := newTestHub(s)
		s.setAway(true)

		_, err := h.Subscribe(t.Context(), "room", &ear{}, nil)

		if !errors.Is(err, errAway) || h.Rooms() != 0 {
			t.Errorf("got %v with %d rooms left; want the store's error and none", err, h.Rooms())
		}
		s.setAway(false)
		subscribe(h, "room", &ear{}, nil).Close()
	})
}

func TestSubscribe_loadsColdRoomsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		s.takes = time.Millisecond
		h := newTestHub(s)
		var all sync.WaitGroup
		for i := range 300 {
			all.Go(func() { subscribe(h, fmt.Sprint("room ", i%100), &ear{}, nil) })
		}
		all.Wait()

		if heads, _ := s.queries(); heads != 2 || s.largest != 100-enoughRooms {
			t.Errorf("%d queries, of up to %d rooms, for 300 listeners of 100 rooms; want one for the first %d, and one", heads, s.largest, enoughRooms)
		}
	})
}

func TestSubscribe_splitsAHugeLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		s.takes = time.Millisecond
		h := newTestHub(s)
		var all sync.WaitGroup
		for i := range enoughRooms + maxHeadsPerQuery + 10 {
			all.Go(func() { subscribe(h, fmt.Sprint("room ", i), &ear{}, nil) })
		}
		all.Wait()

		if heads, _ := s.queries(); heads != 3 || s.largest != maxHeadsPerQuery {
			t.Errorf("%d queries of up to %d rooms; want three of at most %d", heads, s.largest, maxHeadsPerQuery)
		}
		h.checkTails(t.Context(), h.active())
		if s.largest > maxHeadsPerQuery {
			t.Errorf("a tail check asked for %d rooms at once", s.largest)
		}
	})
}

// What is published while the first listener's head is read is neither lost nor doubled,
// whether the head holds it already or not.
func TestSubscribe_publicationsDuringTheLoad(t *testing.T) {
	for _, inHead := range []bool{true, false} {
		t.Run(fmt.Sprint("in the head: ", inHead), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newMemory()
				h, e := newTestHub(s), &ear{}
				s.commitN("room", 4)
				s.entered = make(chan bool)
				go subscribe(h, "room", e, from(2))
				<-s.entered
				if inHead { // the query sees what is published now
					h.Publish(s.commit("room"))
					s.entered <- true
				} else {
					s.entered <- true
					synctest.Wait()
					h.Publish(s.commit("room"))
				}
				synctest.Wait()
				h.Publish(s.commit("room"))
				time.Sleep(healAfter)
				synctest.Wait()

				wantHeard(t, "the first listener", e, 3, 6)
			})
		})
	}
}

func TestSubscribe_giveUpOfOneDoesNotHarmTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		s.commit("room")
		s.entered = make(chan bool)
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp := make(chan error)
		go func() {
			_, err := h.Subscribe(ctx, "room", &ear{}, nil)
			gaveUp <- err
		}()
		<-s.entered
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Error("who gave up got", err)
		}
		s.entered <- true
		synctest.Wait()

		go subscribe(h, "room", e, from(0))
		<-s.entered
		s.entered <- true
		settle()
		wantHeard(t, "the next", e, 1, 1)
	})
}

// One listener's load may take long; another that waits for it may have less time.
func TestSubscribe_waitsForAnothersLoadNoLongerThanItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h := newTestHub(s)
		s.entered = make(chan bool)
		first := make(chan *Subscription)
		go func() { first <- subscribe(h, "room", &ear{}, nil) }()
		<-s.entered
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()

		_, err := h.Subscribe(ctx, "room", &ear{}, nil)

		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error("the second got", err)
		}
		s.entered <- true
		(<-first).Close()
		if h.Rooms() != 0 {
			t.Errorf("%d rooms are left", h.Rooms())
		}
	})
}

// Ten thousand members lose their line and come back at once, each with the last seq
// it has: heads and pages are read together, a few queries for all.
func TestSubscribe_aReconnectStormIsAFewQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rooms, members = 1_667, 6
		s := newMemory()
		s.takes = time.Millisecond
		h := newTestHub(s)
		for i := range rooms {
			s.commitN(fmt.Sprint("room ", i), 20)
		}
		ears := make([]ear, rooms*members)
		var all sync.WaitGroup
		for i := range ears {
			all.Go(func() { subscribe(h, fmt.Sprint("room ", i/members), &ears[i], from(int64(17+i/members%2))) })
		}
		all.Wait()
		settle()

		for i := range ears {
			wantHeard(t, fmt.Sprint("member ", i), &ears[i], int64(18+i/members%2), 20)
		}
		heads, pages := s.queries()
		// Members of a room share a page unless a full query was sent off between them.
		if most := rooms*members/maxPagesPerQuery + 1; heads != 2 || pages > most {
			t.Errorf("%d queries for heads and %d for pages; want 2 and at most %d", heads, pages, most)
		}
	})
}

// Members of one room come back one after the other: the first reads what the others
// find in the tail.
func TestSubscribe_whatOneReplayReadTheNextNeedsNotRead(t *testing.T) {
	for _, c := range []struct {
		history, live int
		asked         []int64
		pages         int
	}{
		{20, 0, []int64{20 - tailSize, 22 - tailSize, 20 - tailSize, 20}, 1},
		{20, 0, []int64{20 - tailSize/2, 20 - tailSize, 20 - tailSize/2}, 2}, // the second has missed more
		{20, 5, []int64{25 - tailSize, 27 - tailSize, 22}, 1},
		{3*replayPage + tailSize, 0, []int64{0, 3 * replayPage, 3*replayPage + tailSize/2}, 4}, // the first leaves its last page
		{200, tailSize, []int64{190, 190}, 2},                                                  // as many newer ones are remembered already
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newMemory()
				h := newTestHub(s)
				s.commitN("room", c.history)
				defer subscribe(h, "room", &ear{}, nil).Close()
				for range c.live {
					h.Publish(s.commit("room"))
				}
				for _, after := range c.asked {
					e := &ear{}
					defer subscribe(h, "room", e, from(after)).Close()
					settle()
					wantHeard(t, fmt.Sprint("who has ", after), e, after+1, int64(c.history+c.live))
				}
				if _, pages := s.queries(); pages != c.pages {
					t.Errorf("%d queries for pages, want %d", pages, c.pages)
				}
			})
		})
	}
}
