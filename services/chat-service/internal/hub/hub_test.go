package hub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// memory is a Store in memory.
type memory struct {
	mu      sync.Mutex // guards what follows
	rooms   map[string][]chat.Message
	away    bool
	heads   int       // queries for heads
	pages   int       // queries for messages
	largest int       // the most rooms in one query
	entered chan bool // when set, Heads tells it and waits for its answer
}

func newMemory() *memory { return &memory{rooms: map[string][]chat.Message{}} }

var errAway = errors.New("the database is away")

// commit stores the room's next message.
func (s *memory) commit(roomID string) chat.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	seq := int64(len(s.rooms[roomID]) + 1)
	m := chat.Message{RoomID: roomID, Seq: seq, Comment: fmt.Sprint("message ", seq)}
	s.rooms[roomID] = append(s.rooms[roomID], m)
	return m
}

func (s *memory) commitN(roomID string, n int) []chat.Message {
	list := make([]chat.Message, n)
	for i := range list {
		list[i] = s.commit(roomID)
	}
	return list
}

func (s *memory) setAway(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

func (s *memory) queries() (heads, pages int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heads, s.pages
}

func (s *memory) Heads(_ context.Context, roomIDs []string) (map[string]int64, error) {
	if s.entered != nil {
		s.entered <- true
		<-s.entered
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heads, s.largest = s.heads+1, max(s.largest, len(roomIDs))
	if s.away {
		return nil, errAway
	}
	heads := map[string]int64{}
	for _, id := range roomIDs {
		if len(s.rooms[id]) > 0 {
			heads[id] = int64(len(s.rooms[id]))
		}
	}
	return heads, nil
}

func (s *memory) Messages(_ context.Context, roomID string, p chat.Page) ([]chat.Message, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages++
	if s.away {
		return nil, false, errAway
	}
	past := s.rooms[roomID][min(int(*p.After), len(s.rooms[roomID])):]
	return slices.Clone(past[:min(len(past), p.Limit)]), len(past) > p.Limit, nil
}

// ear is a Listener that remembers what it heard.
type ear struct {
	mu     sync.Mutex // guards what follows
	seqs   []int64
	failed error

	gate chan struct{} // when set, a replay goes on by one message for each receive
}

func (e *ear) Deliver(d *Delivery) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if want := fmt.Sprint("message ", d.Message.Seq); d.Message.Comment != want {
		panic("delivered " + d.Message.Comment + " as " + want)
	}
	e.seqs = append(e.seqs, d.Message.Seq)
}

func (e *ear) Drained(ctx context.Context) error {
	if e.gate == nil {
		return nil
	}
	select {
	case <-e.gate:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *ear) Fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failed = err
}

func (e *ear) heard() []int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.seqs)
}

func (e *ear) failure() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.failed
}

func newTestHub(s Store) *Hub { return New(s, slog.New(slog.DiscardHandler)) }

func subscribe(tb testing.TB, h *Hub, roomID string, e *ear, after *int64) *Subscription {
	tb.Helper()
	sub, err := h.Subscribe(context.Background(), roomID, e, after)
	if err != nil {
		tb.Fatal("subscribe:", err)
	}
	return sub
}

// join subscribes from any goroutine.
func join(tb testing.TB, h *Hub, roomID string, e *ear, after *int64) *Subscription {
	tb.Helper()
	sub, err := h.Subscribe(context.Background(), roomID, e, after)
	if err != nil {
		tb.Error("subscribe:", err)
	}
	return sub
}

func from(seq int64) *int64 { return &seq }

// numbers is first..last.
func numbers(first, last int64) []int64 {
	var list []int64
	for n := first; n <= last; n++ {
		list = append(list, n)
	}
	return list
}

func wantHeard(tb testing.TB, what string, e *ear, first, last int64) {
	tb.Helper()
	if diff := cmp.Diff(e.heard(), numbers(first, last)); diff != "" {
		tb.Errorf("%s must hear %d to %d, each once and in order (-heard +wanted):\n%s", what, first, last, diff)
	}
	if err := e.failure(); err != nil {
		tb.Errorf("%s: its subscription failed: %v", what, err)
	}
}

func TestPublish_deliversInOrderWhateverTheOrderOfPublishing(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 0, 3, 2}, {2, 3, 0, 1}, {0, 0, 2, 1, 1, 3, 3, 2}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newMemory()
				h, e := newTestHub(s), &ear{}
				s.commitN("room", 5)
				defer subscribe(t, h, "room", e, nil).Close()
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
		defer subscribe(t, h, "room", e, nil).Close()
		messages := s.commitN("room", 3)

		h.Publish(messages[0])
		h.Publish(messages[2])
		time.Sleep(holdFor - time.Nanosecond)
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
		defer subscribe(t, h, "room", e, nil).Close()
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
		defer subscribe(t, h, "room", e, nil).Close()
		messages := s.commitN("room", 2)
		s.setAway(true)

		h.Publish(messages[1])
		time.Sleep(holdFor + 10*healRetry)
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
		defer subscribe(t, h, "room", e, nil).Close()
		messages := s.commitN("room", 10*replayPage+1)

		h.Publish(messages[len(messages)-1])
		time.Sleep(time.Minute)
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
		defer subscribe(t, h, "room", e, nil).Close()
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
		defer subscribe(t, h, "room", e, nil).Close()
		m := s.commit("room")

		h.Advanced("room", m.Seq)
		h.Advanced("room", m.Seq) // a client that resends twice
		h.Advanced("unheard of", 7)
		time.Sleep(holdFor)
		synctest.Wait()

		wantHeard(t, "the listener", e, 1, 1)
	})
}

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
		{"from the tail", 10, 10, from(10), 11, 0},
		{"from the middle of the tail", 10, 10, from(15), 16, 0},
		{"a message before the tail", 10, 10, from(9), 10, -1},
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
				defer subscribe(t, h, "room", other, nil).Close()
				for range c.live {
					h.Publish(s.commit("room"))
				}

				defer subscribe(t, h, "room", e, c.after).Close()
				synctest.Wait()
				_, pages := s.queries()
				for range 3 {
					h.Publish(s.commit("room"))
				}
				synctest.Wait()

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
		sub := subscribe(t, h, "room", e, from(0))
		defer sub.Close()

		for range 4 * replayPage {
			h.Publish(s.commit("room")) // one more, while two are read
			e.gate <- struct{}{}
			e.gate <- struct{}{}
		}
		close(e.gate)
		synctest.Wait()
		h.Publish(s.commit("room"))
		synctest.Wait()

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
		defer subscribe(t, h, "room", other, nil).Close()
		defer subscribe(t, h, "room", e, from(0)).Close()
		synctest.Wait()
		late := s.commit("room")
		h.Publish(s.commit("room")) // 5 is held: 4 is missing
		close(e.gate)               // the replay reads 1 to 3 of an older page
		synctest.Wait()
		h.Publish(late)
		synctest.Wait()

		wantHeard(t, "the replay", e, 1, 5)
		wantHeard(t, "the other", other, 4, 5)
	})
}

// A client that comes from another node may have more than this node has heard of.
func TestSubscribe_withALastSeqThatIsNewsToThisNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e, other := newTestHub(s), &ear{}, &ear{}
		defer subscribe(t, h, "room", other, nil).Close()
		messages := s.commitN("room", 3) // by another node; the bus is late

		defer subscribe(t, h, "room", e, from(2)).Close()
		for _, m := range messages {
			h.Publish(m)
		}
		synctest.Wait()

		wantHeard(t, "who had 2 already", e, 3, 3)
		wantHeard(t, "the other", other, 1, 3)
	})
}

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
		subscribe(t, h, "room", &ear{}, nil).Close()
	})
}

func TestSubscribe_replayThatCannotReadTellsItsListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{gate: make(chan struct{})}
		s.commitN("room", 2*replayPage)
		sub := subscribe(t, h, "room", e, from(0))
		defer sub.Close()
		synctest.Wait()
		s.setAway(true)
		close(e.gate)
		synctest.Wait()

		if !errors.Is(e.failure(), errAway) || len(e.heard()) != replayPage {
			t.Errorf("heard %d messages and %v; want one page and the store's error", len(e.heard()), e.failure())
		}
	})
}

func TestClose_endsAReplayAndForgetsTheRoomWithItsLastListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, slow, live := newTestHub(s), &ear{gate: make(chan struct{})}, &ear{}
		messages := s.commitN("room", 10)
		a, b := subscribe(t, h, "room", slow, from(0)), subscribe(t, h, "room", live, nil)

		a.Close()
		synctest.Wait() // its goroutine ends, else the bubble does not
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

func TestClose_stopsHealing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h := newTestHub(s)
		sub := subscribe(t, h, "room", &ear{}, nil)
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

func TestRun_findsWhatNothingFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		ctx, stop := context.WithCancel(t.Context())
		go h.Run(ctx)
		defer stop()
		defer subscribe(t, h, "room", e, nil).Close()
		defer subscribe(t, h, "quiet", &ear{}, nil).Close()
		heads, _ := s.queries()
		s.commit("room") // its commit was answered to nobody

		time.Sleep(tailCheckEvery + holdFor)
		synctest.Wait()

		wantHeard(t, "the listener", e, 1, 1)
		if now, _ := s.queries(); now != heads+1 {
			t.Errorf("%d queries for the heads of two rooms", now-heads)
		}
	})
}

func TestRun_goesOnWhenTheStoreIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h, e := newTestHub(s), &ear{}
		ctx, stop := context.WithCancel(t.Context())
		go h.Run(ctx)
		defer stop()
		defer subscribe(t, h, "room", e, nil).Close()
		s.commit("room")
		s.setAway(true)
		time.Sleep(3 * tailCheckEvery)
		s.setAway(false)
		time.Sleep(tailCheckEvery + holdFor)
		synctest.Wait()

		wantHeard(t, "the listener", e, 1, 1)
	})
}

func TestSubscribe_loadsColdRoomsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		h := newTestHub(s)
		var all sync.WaitGroup
		for i := range 300 {
			all.Go(func() { join(t, h, fmt.Sprint("room ", i%100), &ear{}, nil) })
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
			all.Go(func() { join(t, h, fmt.Sprint("room ", i), &ear{}, nil) })
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
				go join(t, h, "room", e, from(2))
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

		go join(t, h, "room", e, from(0))
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
		go func() { first <- join(t, h, "room", &ear{}, nil) }()
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
				sub := join(t, h, fmt.Sprint("room ", i%2), e, from(int64(i)))
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

func TestDelivery_encodesOncePerKey(t *testing.T) {
	d := newDelivery(chat.Message{RoomID: "room", Seq: 1})
	made := 0
	encode := func(d *Delivery) []byte { made++; return d.Body }
	for range 6 {
		d.Frame("key", encode)
	}
	if made != 1 {
		t.Errorf("encoded %d times for six listeners of one key", made)
	}
	d.Frame("other key", encode)
	if made != 2 {
		t.Errorf("another key got the frame of the first")
	}
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
			defer subscribe(t, h, "room", ears[len(ears)-1], from(firsts[len(firsts)-1]-1)).Close()
		case st.what == "known again" && total > 0:
			h.Advanced("room", int64(1+st.n%total))
		case st.what == "check tails":
			h.checkTails(t.Context())
		case st.what == "let time pass":
			time.Sleep(time.Duration(st.n%100) * time.Millisecond)
		case st.what == "store away": // not while a replay reads: it would rightly fail
			synctest.Wait()
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
	h.checkTails(t.Context())
	time.Sleep(time.Minute)
	synctest.Wait()
	for i, e := range ears {
		if diff := cmp.Diff(e.heard(), numbers(firsts[i], int64(len(s.rooms["room"])))); diff != "" || e.failure() != nil {
			return fmt.Sprintf("listener %d, from %d (-heard +wanted): %v\n%s", i, firsts[i], e.failure(), diff)
		}
	}
	return ""
}
