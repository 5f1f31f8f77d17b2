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
		h := newTestHub(s)
		var all sync.WaitGroup
		for i := range 300 {
			all.Go(func() { subscribe(h, fmt.Sprint("room ", i%100), &ear{}, nil) })
		}
		all.Wait()

		if heads, _ := s.queries(); heads != 1 || s.largest != 100 {
			t.Errorf("%d queries, of up to %d rooms, for 300 listeners of 100 rooms; want one", heads, s.largest)
		}
	})
}

func TestSubscribe_splitsAHugeLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h := newTestHub(s)
		var all sync.WaitGroup
		for i := range maxHeadsPerQuery + 10 {
			all.Go(func() { subscribe(h, fmt.Sprint("room ", i), &ear{}, nil) })
		}
		all.Wait()

		if heads, _ := s.queries(); heads != 2 || s.largest != maxHeadsPerQuery {
			t.Errorf("%d queries of up to %d rooms; want two of at most %d", heads, s.largest, maxHeadsPerQuery)
		}
		h.checkTails(t.Context())
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
				time.Sleep(holdFor)
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
		synctest.Wait()
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
