package hub

import (
	"context"
	"fmt"
	"sync"
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
		if now, _ := s.queries(); now == heads || now > heads+2 {
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

// asked notes for which rooms a store was asked, question by question.
type asked struct {
	Store
	mu        sync.Mutex
	questions [][]string
}

func (a *asked) Heads(ctx context.Context, ids []string) (map[string]int64, error) {
	a.mu.Lock()
	a.questions = append(a.questions, ids)
	a.mu.Unlock()
	return a.Store.Heads(ctx, ids)
}

// Each room is asked for once in its time, and never most of them at one moment.
func TestRun_checksAPartAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rooms = 200
		store := &asked{Store: newMemory()}
		h := newTestHub(store)
		for i := range rooms {
			defer subscribe(h, fmt.Sprint("room", i), &ear{}, nil).Close()
		}
		store.questions = nil
		defer run(h)()
		time.Sleep(tailCheckEvery + tailCheckEvery/tailCheckParts/2)
		synctest.Wait()
		store.mu.Lock()
		defer store.mu.Unlock()
		seen := map[string]int{}
		for _, ids := range store.questions {
			if len(ids) > rooms/4 {
				t.Errorf("%d of %d rooms at one moment", len(ids), rooms)
			}
			for _, id := range ids {
				seen[id]++
			}
		}
		for i := range rooms {
			if id := fmt.Sprint("room", i); seen[id] != 1 {
				t.Errorf("%s was asked for %d times", id, seen[id])
			}
		}
	})
}
