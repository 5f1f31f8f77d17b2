package hub

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Many come and go while many write; meant for the race detector.
func TestHub_comeAndGoWhileManyWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h := newTestHub(s)
		var all sync.WaitGroup
		for w := range 4 {
			all.Go(func() {
				for range 200 {
					h.Publish(s.commit(fmt.Sprint("room ", w%2)))
				}
			})
		}
		for i := range 40 {
			all.Go(func() {
				e := &ear{}
				sub := subscribe(h, fmt.Sprint("room ", i%2), e, from(int64(i)))
				time.Sleep(time.Duration(i%5) * 20 * time.Millisecond)
				sub.Close()
				got := e.heard()
				if len(got) > 0 && !slices.Equal(got, numbers(got[0], got[0]+int64(len(got))-1)) {
					t.Errorf("heard %v", got)
				}
			})
		}
		all.Wait()
		synctest.Wait()
		if h.Rooms() != 0 {
			t.Errorf("%d rooms are left", h.Rooms())
		}
	})
}

// step is one thing that happens to a hub; n picks which, how many or how long.
type step struct {
	what string
	n    int
}

var steps = []string{"commit", "publish", "publish", "publish again", "drop", "known again", "subscribe", "check tails", "let time pass", "store away"}

// TestHub_anyInterleaving lets chance order publications, drop some, and let listeners
// come with any last seq: each hears everything after it, in order, once.
func TestHub_anyInterleaving(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		history := rapid.IntRange(0, 2*replayPage).Draw(r, "history")
		script := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) step {
			return step{rapid.SampledFrom(steps).Draw(r, "what"), rapid.IntRange(0, 1000).Draw(r, "n")}
		}), 1, 120).Draw(r, "script")
		var wrong string // the bubble has a T of its own
		synctest.Test(t, func(t *testing.T) { wrong = play(t, history, script) })
		if wrong != "" {
			r.Fatal(wrong)
		}
	})
}

// play runs a script and returns what was wrong in the end.
func play(t *testing.T, history int, script []step) string {
	s := newMemory()
	h := newTestHub(s)
	s.commitN("room", history)
	var waiting []chat.Message // committed, not published yet
	var ears []*ear
	var firsts []int64
	for _, st := range script {
		total := len(s.rooms["room"])
		switch {
		case st.what == "commit":
			waiting = append(waiting, s.commitN("room", 1+st.n%5)...)
		case st.what == "subscribe":
			ears, firsts = append(ears, &ear{}), append(firsts, int64(st.n%(total+1))+1)
			defer subscribe(h, "room", ears[len(ears)-1], from(firsts[len(firsts)-1]-1)).Close()
		case st.what == "known again" && total > 0:
			h.Advanced("room", int64(1+st.n%total))
		case st.what == "check tails":
			h.checkTails(t.Context(), h.active())
		case st.what == "let time pass":
			time.Sleep(time.Duration(st.n%100) * time.Millisecond)
		case st.what == "store away": // not while a replay reads: it would rightly fail
			settle()
			s.setAway(true)
			time.Sleep(time.Duration(st.n) * time.Millisecond)
			s.setAway(false)
		case len(waiting) > 0:
			i := st.n % len(waiting)
			if st.what != "drop" {
				h.Publish(waiting[i])
			}
			if st.what != "publish again" {
				waiting = slices.Delete(waiting, i, i+1)
			}
		}
	}
	synctest.Wait()
	h.checkTails(t.Context(), h.active())
	time.Sleep(time.Minute)
	synctest.Wait()
	for i, e := range ears {
		if diff := cmp.Diff(e.heard(), numbers(firsts[i], int64(len(s.rooms["room"])))); diff != "" || e.failure() != nil {
			return fmt.Sprintf("listener %d, from %d (-heard +wanted): %v\n%s", i, firsts[i], e.failure(), diff)
		}
	}
	return ""
}
