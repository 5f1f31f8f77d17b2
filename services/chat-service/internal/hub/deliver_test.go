package hub

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

func TestPublish_deliversInOrderWhateverTheOrderOfPublishing(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 0, 3, 2}, {2, 3, 0, 1}, {0, 0, 2, 1, 1, 3, 3, 2}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newMemory()
				h, e := newTestHub(s), &ear{}
				s.commitN("room", 5)
				defer subscribe(h, "room", e, nil).Close()
				messages := s.commitN("room", 4)

				for _, i := range order {
					h.Publish(messages[i])
				}

				wantHeard(t, "the listener", e, 6, 9)
				if _, pages := s.queries(); pages != 0 {
					t.Errorf("%d queries for messages that all came", pages)
				}
			})
		})
	}
}

func TestPublish_healsAGapFromTheStoreAfterTheHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		defer subscribe(h, "room", e, nil).Close()
		messages := s.commitN("room", 3)

		h.Publish(messages[0])
		h.Publish(messages[2])
		time.Sleep(healAfter - time.Nanosecond)
		synctest.Wait()
		wantHeard(t, "before the hold is over, the listener", e, 1, 1)
		time.Sleep(time.Nanosecond)
		synctest.Wait()

		wantHeard(t, "after the hold, the listener", e, 1, 3)
	})
}

func TestPublish_asksNobodyWhenTheGapClosesByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		defer subscribe(h, "room", e, nil).Close()
		messages := s.commitN("room", 2)

		h.Publish(messages[1])
		time.Sleep(holdFor / 2)
		h.Publish(messages[0])
		time.Sleep(time.Minute)
		synctest.Wait()

		wantHeard(t, "the listener", e, 1, 2)
		if _, pages := s.queries(); pages != 0 {
			t.Errorf("%d queries for a gap that closed in time", pages)
		}
	})
}

func TestHeal_isTriedAgainWhileTheStoreIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		defer subscribe(h, "room", e, nil).Close()
		messages := s.commitN("room", 2)
		s.setAway(true)

		h.Publish(messages[1])
		time.Sleep(healAfter + 10*healRetry)
		synctest.Wait()
		if got := e.heard(); len(got) != 0 {
			t.Fatal("heard", got, "while its predecessor was missing")
		}
		s.setAway(false)
		time.Sleep(healRetry)
		synctest.Wait()

		wantHeard(t, "the listener", e, 1, 2)
	})
}

func TestHeal_readsALongGapPageByPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		defer subscribe(h, "room", e, nil).Close()
		messages := s.commitN("room", 10*replayPage+1)

		h.Publish(messages[len(messages)-1])
		time.Sleep(holdFor + 11*batchWindow) // held once, not for each page
		synctest.Wait()

		wantHeard(t, "the listener", e, 1, int64(len(messages)))
	})
}

// What is held is bounded: a hub that misses the first of many drops them and reads all
// of them again.
func TestPublish_holdsNoMoreThanItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		defer subscribe(h, "room", e, nil).Close()
		messages := s.commitN("room", 3*maxHeld)

		for _, m := range messages[1:] {
			h.Publish(m)
			if n := held(h, "room"); n > maxHeld {
				t.Fatalf("%d messages are held, the limit is %d", n, maxHeld)
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()

		wantHeard(t, "the listener", e, 1, int64(len(messages)))
	})
}

func held(h *Hub, roomID string) int {
	r := h.find(roomID)
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.held)
}

func TestAdvanced_showsAMessageWhoseTextIsOnlyInTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		defer subscribe(h, "room", e, nil).Close()
		m := s.commit("room")

		h.Advanced("room", m.Seq)
		h.Advanced("room", m.Seq) // a client that resends twice
		h.Advanced("unheard of", 7)
		time.Sleep(healAfter)
		synctest.Wait()

		wantHeard(t, "the listener", e, 1, 1)
	})
}

func TestClose_stopsHealing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h := newTestHub(s)
		sub := subscribe(h, "room", &ear{}, nil)
		s.setAway(true)
		h.Publish(s.commitN("room", 2)[1])
		time.Sleep(2 * healRetry)
		sub.Close()
		_, before := s.queries()

		time.Sleep(time.Hour)
		synctest.Wait()

		if _, after := s.queries(); after != before {
			t.Errorf("%d queries for a room that nobody listens to", after-before)
		}
	})
}

// made counts what it encodes.
type made struct{ n int }

func (m *made) Encode(d *Delivery) []byte { m.n++; return d.Body }

func TestDelivery_encodesOncePerKey(t *testing.T) {
	d, made := newDelivery(chat.Message{RoomID: "room", Seq: 1}), &made{}
	for range 6 {
		d.Frame("key", made)
	}
	if made.n != 1 {
		t.Errorf("encoded %d times for six listeners of one key", made.n)
	}
	d.Frame("other key", made)
	if made.n != 2 {
		t.Errorf("another key got the frame of the first")
	}
}

// What comes from another node is what was delivered there.
func TestDelivery_isReadOutOfItsJSON(t *testing.T) {
	m := chat.Message{
		RoomID: "room", Seq: 7, MessageID: "id", MemberID: "member", Type: chatapi.Text, Comment: "\u2028 \" <b> 안녕", CreatedBy: "Ada",
		CreatedAt: wire.At(time.Date(2026, 11, 30, 20, 0, 0, 123e6, time.UTC)),
	}
	want := newDelivery(m)
	got, err := readDelivery(want.Body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, want, cmpopts.IgnoreUnexported(Delivery{})); diff != "" {
		t.Errorf("(-read +delivered):\n%s", diff)
	}
}

// quiet is a listener that waits for the end of a membership alone.
type quiet struct{ ear }

func (*quiet) Shows() bool { return false }

func TestPublish_whoShowsNothingIsToldOfLeaversAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e, q, gone := newTestHub(s), &ear{}, &quiet{}, &quiet{}
		defer subscribe(h, "room", e, nil).Close()
		for i, l := range []*quiet{q, gone} {
			sub, err := h.Subscribe(t.Context(), "room", l, nil)
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				defer sub.Close()
			} else {
				sub.Close()
			}
		}
		messages := s.commitN("room", 3)
		messages[1].Type = chatapi.Leave
		for _, m := range messages {
			h.Publish(m)
		}
		wantHeard(t, "who shows messages", e, 1, 3)
		wantHeard(t, "who waits for the end of a membership", &q.ear, 2, 2)
		if got := gone.heard(); len(got) > 0 {
			t.Errorf("whose subscription has ended heard %v", got)
		}
		h.abandon(h.find("room"))
		if q.failure() == nil {
			t.Error("a room was given up, and who waits there is not told")
		}
	})
}

// Second tabs, and lines that are dead and not known to be, make more listeners than seats.
func TestPublish_moreListenersThanSeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h := newTestHub(s)
		ears, subs := make([]*ear, 2*matchapi.Seats), []*Subscription{}
		for i := range ears {
			ears[i] = &ear{}
			subs = append(subs, subscribe(h, "room", ears[i], nil))
			h.Publish(s.commit("room"))
		}
		last := int64(len(ears))
		for i, e := range ears {
			wantHeard(t, fmt.Sprint("listener ", i+1), e, int64(i+1), last)
		}
		for _, sub := range subs[:matchapi.Seats] {
			sub.Close()
		}
		r := h.find("room")
		if r.six != [matchapi.Seats]listening{} {
			t.Error("the room keeps listeners that have gone")
		}
		h.Publish(s.commit("room"))
		for i, e := range ears {
			if i < matchapi.Seats {
				wantHeard(t, fmt.Sprint("who has gone, ", i+1), e, int64(i+1), last)
			} else {
				wantHeard(t, fmt.Sprint("who stays, ", i+1), e, int64(i+1), last+1)
			}
		}
		for _, sub := range subs[matchapi.Seats:] {
			sub.Close()
		}
	})
}

// What a heal reads is delivered, however much is held beyond it.
func TestHeal_keepsWhatItRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		defer subscribe(h, "room", e, nil).Close()
		for _, m := range s.commitN("room", replayPage+maxHeld-1)[replayPage:] {
			h.Publish(m)
		}
		settle()
		wantHeard(t, "the listener", e, 1, replayPage+maxHeld-1)
		if _, pages := s.queries(); pages != 1 {
			t.Errorf("%d pages were read for one that was missing", pages)
		}
	})
}
