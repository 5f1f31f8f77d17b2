package hub

import (
	"testing"
	"testing/synctest"

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

// While the archive is away whoever needs it waits and is told in the end; nobody else
// notices, and none of the room's messages is shown out of turn.
func TestSubscribe_withoutTheArchiveOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, old, young, patient := newTestHub(s), &ear{}, &ear{}, &ear{}
		for _, room := range []string{"old", "young"} {
			s.commitN(room, 10)
		}
		s.older["old"], s.gone = 5, true
		defer subscribe(h, "old", old, from(2)).Close()
		defer subscribe(h, "old", patient, from(6)).Close()
		defer subscribe(h, "young", young, from(2)).Close()
		settle()
		h.Publish(s.commit("young"))
		h.Publish(s.commit("old"))
		settle()
		wantHeard(t, "in another room", young, 3, 11)
		wantHeard(t, "who needs nothing old", patient, 7, 11)
		synctest.Wait()
		if len(old.seqs) > 0 {
			t.Errorf("shown without what comes before: %v", old.seqs)
		}
		for range maxFruitless {
			settle()
		}
		if !fault.Is(old.failed, fault.Unavailable) {
			t.Errorf("told %v, want it to be unavailable", old.failed)
		}
	})
}
