package hub

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestRun_findsWhatNothingFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		defer run(h)()
		defer subscribe(h, "room", e, nil).Close()
		defer subscribe(h, "quiet", &ear{}, nil).Close()
		heads, _ := s.queries()
		s.commit("room") // its commit was answered to nobody

		time.Sleep(tailCheckEvery + healAfter)
		synctest.Wait()
		wantHeard(t, "the listener", e, 1, 1)
		if now, _ := s.queries(); now != heads+1 {
			t.Errorf("%d queries for the heads of two rooms", now-heads)
		}

		s.commit("room")
		s.setAway(true)
		time.Sleep(3 * tailCheckEvery)
		s.setAway(false)
		time.Sleep(tailCheckEvery)
		synctest.Wait()
		wantHeard(t, "when the store is back, the listener", e, 1, 2)
	})
}
