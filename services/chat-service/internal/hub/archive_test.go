package hub

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
)

// A replay begins in the archive, at any of its messages, and goes on in the database.
func TestSubscribe_replaysWhatIsArchived(t *testing.T) {
	const archived, rest = 3*replayPage + 5, 7
	for _, after := range []int64{0, 1, replayPage, archived - 1, archived, archived + 1, archived + rest} {
		synctest.Test(t, func(t *testing.T) {
			s := newMemory()
			h, e := newTestHub(s), &ear{}
			s.commitN("room", archived+rest)
			s.older["room"] = archived
			defer subscribe(h, "room", e, &after).Close()
			settle()
			h.Publish(s.commit("room"))
			settle()
			wantHeard(t, "the newcomer", e, after+1, archived+rest+1)
		})
	}
}

// While the archive hangs, is away or has lost a segment, whoever needs it is told soon, and
// from where on all is in the database: what was said there, and is said now, comes to who
// subscribes again from there. Nobody else notices, and nothing is shown out of turn.
func TestSubscribe_withoutTheArchiveGoesOnFromTheDatabase(t *testing.T) {
	for what, set := range map[string]func(*memory){
		"hangs":          func(s *memory) { s.hangs = true },
		"is away":        func(s *memory) { s.gone = errAway },
		"lost a segment": func(s *memory) { s.gone = errBroken },
	} {
		for _, total := range []int{5, 10} { // all of the room is archived, or only its beginning
			synctest.Test(t, func(t *testing.T) {
				s := newMemory()
				h, old, young, patient := newTestHub(s), &ear{}, &ear{}, &ear{}
				s.commitN("old", total)
				s.commitN("young", 10)
				s.older["old"] = 5
				set(s)
				began := time.Now()
				defer subscribe(h, "old", old, from(2)).Close()
				defer subscribe(h, "old", patient, from(5)).Close()
				defer subscribe(h, "young", young, from(2)).Close()
				h.Publish(s.commit("young"))
				h.Publish(s.commit("old"))
				for old.failure() == nil && time.Since(began) < time.Hour {
					time.Sleep(batchWindow)
				}
				if took := time.Since(began); took > archiveWait+4*batchWindow {
					t.Errorf("%s: told after %v", what, took)
				}
				var beyond *Beyond
				if err := old.failure(); !fault.Is(err, fault.Unavailable) || !errors.As(err, &beyond) || beyond.LastSeq != 5 {
					t.Fatalf("%s: told %v, want it to be unavailable up to 5", what, err)
				}
				if len(old.heard()) > 0 {
					t.Errorf("%s: shown without what comes before: %v", what, old.heard())
				}
				again := &ear{}
				defer subscribe(h, "old", again, &beyond.LastSeq).Close()
				settle()
				h.Publish(s.commit("old"))
				settle()
				last := int64(total + 2)
				wantHeard(t, what+", who comes again", again, 6, last)
				wantHeard(t, what+", who needs nothing old", patient, 6, last)
				wantHeard(t, what+", in another room", young, 3, 11)
			})
		}
	}
}

// An archive that does not answer for a moment is waited for; what a replay got from it
// already stays shown when it falls silent later.
func TestSubscribe_waitsForTheArchiveForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{gate: make(chan struct{})}
		s.commitN("room", 3*replayPage)
		s.older["room"], s.gone = 2*replayPage, errAway
		defer subscribe(h, "room", e, from(0)).Close()
		time.Sleep(archiveWait - healRetry)
		s.mu.Lock()
		s.gone = nil
		s.mu.Unlock()
		settle()
		s.mu.Lock()
		s.hangs = true
		s.mu.Unlock()
		close(e.gate)
		settle()
		wantHeard(t, "while it hangs", e, 1, replayPage)
		time.Sleep(archiveWait)
		synctest.Wait()
		var beyond *Beyond
		if err := e.failure(); !errors.As(err, &beyond) || beyond.LastSeq != 2*replayPage {
			t.Errorf("told %v", err)
		}
	})
}

// The waits of one replay for the archive end, also if it answers each time at the last moment.
func TestSubscribe_waitsForTheArchiveSoLongInAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		s.commitN("room", 100*replayPage)
		s.older["room"], s.slow = 100*replayPage, archiveWait-time.Millisecond
		began := time.Now()
		defer subscribe(h, "room", e, from(0)).Close()
		for e.failure() == nil && len(e.heard()) < 100*replayPage {
			time.Sleep(time.Second)
		}
		if took := time.Since(began); e.failure() == nil || took > archiveTotal+2*time.Second || len(e.heard()) < replayPage {
			t.Errorf("%d messages after %v", len(e.heard()), took)
		}
	})
}

// A database that hangs when it is to tell what is archived is waited for as ever, longer than
// an archive.
func TestSubscribe_waitsForTheDatabaseAsEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		s.commitN("room", 10)
		s.older["room"], s.tired = 5, maxFruitless-1
		defer subscribe(h, "room", e, from(2)).Close()
		time.Sleep((maxFruitless - 2) * loadTimeout)
		if got := e.heard(); len(got) > 0 || e.failure() != nil {
			t.Errorf("heard %v, told %v while it hangs", got, e.failure())
		}
		time.Sleep(2 * loadTimeout)
		settle()
		h.Publish(s.commit("room"))
		settle()
		wantHeard(t, "when it is back", e, 3, 11)
		if err := e.failure(); err != nil {
			t.Error(err)
		}
	})
}
