package hub

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// lose takes the room's last messages out of the store, as a fail-over may do.
func (s *memory) lose(roomID string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rooms[roomID] = s.rooms[roomID][:len(s.rooms[roomID])-n]
}

func wantLost(t *testing.T, what string, e *ear) {
	t.Helper()
	if !errors.Is(e.failure(), errLost) {
		t.Errorf("%s got %v; want to be told that the history is not there", what, e.failure())
	}
}

// A replay that the store has nothing for waits, and gives up in the end.
func TestSubscribe_replayOfWhatTheStoreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		defer subscribe(h, "room", &ear{}, nil).Close()
		for range 2 * tailSize {
			h.Publish(s.commit("room"))
		}
		s.lose("room", 2*tailSize-5)
		_, before := s.queries()
		defer subscribe(h, "room", e, from(2)).Close()

		time.Sleep(batchWindow + maxFruitless*batchWindow + (maxFruitless-1)*healRetry - time.Nanosecond)
		synctest.Wait()
		wantHeard(t, "until then, the replay", e, 3, 5)
		time.Sleep(time.Nanosecond)
		synctest.Wait()

		wantLost(t, "the replay", e)
		if _, after := s.queries(); after-before != 1+maxFruitless {
			t.Errorf("%d queries; want one page and %d that found nothing", after-before, maxFruitless)
		}
	})
}

// A standby that lags has it a moment later.
func TestSubscribe_replayGoesOnWhenTheStoreHasItAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		defer subscribe(h, "room", &ear{}, nil).Close()
		for range 2 * tailSize {
			h.Publish(s.commit("room"))
		}
		s.lose("room", 2*tailSize-5)
		defer subscribe(h, "room", e, from(2)).Close()
		time.Sleep(3 * healRetry)
		s.commitN("room", 2*tailSize-5)
		settle()

		wantHeard(t, "the replay", e, 3, 2*tailSize)
	})
}

func TestHeal_givesUpARoomThatTheStoreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		sub := subscribe(h, "room", e, from(0))
		defer sub.Close()
		h.Publish(s.commit("room"))
		h.Publish(s.commitN("room", 3)[2])
		s.lose("room", 3)

		time.Sleep(holdFor + maxFruitless*batchWindow + (maxFruitless-1)*healRetry - time.Nanosecond)
		synctest.Wait()
		wantHeard(t, "until then, the listener", e, 1, 1)
		time.Sleep(time.Nanosecond)
		synctest.Wait()

		wantLost(t, "the listener", e)
		again := &ear{}
		defer subscribe(h, "room", again, from(1)).Close()
		h.Publish(s.commit("room"))
		wantHeard(t, "who came back", again, 2, 2)
	})
}

// What was shown and is gone is found by the tail check: whoever listens comes back and
// hears what took its place.
func TestRun_noticesADatabaseThatWentBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e, slow := newTestHub(s), &ear{}, &ear{gate: make(chan struct{})}
		defer run(h)()
		defer subscribe(h, "room", e, nil).Close()
		for range 10 {
			h.Publish(s.commit("room"))
		}
		defer subscribe(h, "room", slow, from(0)).Close()
		s.lose("room", 3)
		time.Sleep(tailCheckEvery)
		synctest.Wait()
		wantLost(t, "the listener", e)
		close(slow.gate) // what it was given is 1 to 10
		settle()
		wantLost(t, "the replay", slow)

		again := &ear{}
		defer subscribe(h, "room", again, from(7)).Close()
		h.Publish(s.commit("room"))
		time.Sleep(time.Minute)
		synctest.Wait()

		wantHeard(t, "who came back", again, 8, 8)
	})
}
