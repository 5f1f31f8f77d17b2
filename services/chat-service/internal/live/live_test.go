package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// ear is a listener that writes down what it is told.
type ear struct {
	mu    sync.Mutex // guards what follows
	told  []string
	stuck bool // takes nothing
}

func (e *ear) Offer(ev Event) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stuck {
		return false
	}
	text := ev.Event + " " + ev.MemberID
	if ev.Seq > 0 {
		text += fmt.Sprint(" ", ev.Seq)
	}
	e.told = append(e.told, text)
	return true
}

func (e *ear) stick(stuck bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stuck = stuck
}

// take returns what was told since it was last asked.
func (e *ear) take() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	told := strings.Join(e.told, ", ")
	e.told = nil
	return told
}

// wire joins the nodes of a test. While it is cut, what is sent is lost.
type wire struct {
	mu        sync.Mutex // guards what follows
	receivers map[*receiver]bool
	cut       bool
}

type receiver struct {
	node, room string
	receive    func([]byte)
}

// end is one node's end of the wire.
type end struct {
	*wire
	node string
}

func (e end) Join(_ context.Context, roomID string, _ byte, receive func([]byte)) (func(), error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := &receiver{e.node, roomID, receive}
	e.receivers[r] = true
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.receivers, r)
	}, nil
}

// Send delivers from a goroutine of its own, as a bus would, in the order of sending.
func (e end) Send(roomID string, _ byte, payload []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cut {
		return
	}
	for r := range e.receivers {
		if r.room == roomID && r.node != e.node {
			time.AfterFunc(time.Millisecond, func() { r.receive(payload) })
		}
	}
}

func (w *wire) isCut(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
}

// shelf is a Presence and a ReadStore that can be taken away, and emptied.
type shelf struct {
	*Memory
	mu     sync.Mutex // guards what follows
	away   error
	say    time.Duration // how long one takes
	hear   time.Duration // likewise
	asked  [][]string    // what Hear was asked for, question by question
	writes []string
	at     []time.Time
	last   map[place]int64
}

var errAway = errors.New("connection refused")

func (s *shelf) gone() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.away
}

func (s *shelf) slowDown(say, hear time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say, s.hear = say, hear
}

// slow is how long the questions take.
func (s *shelf) slow() (say, hear time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.say, s.hear
}

func (s *shelf) takeAway(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = err
}

// empty forgets everything, as a Redis that starts again.
func (s *shelf) empty() {
	s.Memory.mu.Lock()
	defer s.Memory.mu.Unlock()
	clear(s.leases)
	clear(s.states)
}

func (s *shelf) Say(ctx context.Context, node string, lease Lease, states map[string]State) (bool, error) {
	if err := s.gone(); err != nil {
		return false, err
	}
	say, _ := s.slow()
	time.Sleep(say)
	return s.Memory.Say(ctx, node, lease, states)
}

func (s *shelf) Hear(ctx context.Context, node string, ids []string, now time.Time) (map[string]map[string]State, bool, error) {
	if err := s.gone(); err != nil {
		return nil, false, err
	}
	s.mu.Lock()
	s.asked = append(s.asked, ids)
	s.mu.Unlock()
	_, hear := s.slow()
	time.Sleep(hear)
	return s.Memory.Hear(ctx, node, ids, now)
}

func (s *shelf) MarkRead(_ context.Context, marks []Mark) (raised []Mark, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away != nil {
		return nil, s.away
	}
	slices.SortFunc(marks, func(a, b Mark) int { return strings.Compare(a.MemberID, b.MemberID) })
	var text []string
	for _, m := range marks {
		text = append(text, fmt.Sprint(m.MemberID, ":", m.Seq))
		if at := (place{m.RoomID, m.MemberID}); m.Seq > s.last[at] {
			s.last[at] = m.Seq
			raised = append(raised, m)
		}
	}
	s.writes = append(s.writes, strings.Join(text, " "))
	s.at = append(s.at, time.Now())
	return raised, nil
}

// world is some nodes that share a Presence and a bus.
type world struct {
	shelf *shelf
	wire  *wire
	nodes []*Live
	stops []func()
}

func newWorld(nodes int) *world {
	w := &world{shelf: &shelf{Memory: NewMemory(), last: map[place]int64{}}, wire: &wire{receivers: map[*receiver]bool{}}}
	for i := range nodes {
		l := New(w.shelf, end{w.wire, fmt.Sprint(i)}, w.shelf, time.Now, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() { l.Run(ctx) })
		w.nodes = append(w.nodes, l)
		w.stops = append(w.stops, func() { cancel(); running.Wait() })
	}
	return w
}

func (w *world) stop() {
	for _, stop := range w.stops {
		stop()
	}
}

// bubble runs a test with a number of nodes, in a fake time that begins with a full second.
func bubble(t *testing.T, nodes int, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(nodes)
		defer w.stop()
		settle()
		test(t, w)
	})
}

// settle lets what is under way happen.
func settle() {
	time.Sleep(20 * time.Millisecond)
	synctest.Wait()
}

func someone(name string) Member { return Member{ID: name, Nickname: strings.ToUpper(name)} }

func (w *world) listen(t testing.TB, node int, name string) (*ear, *Visit) {
	t.Helper()
	e := &ear{}
	v, err := w.nodes[node].Listen(t.Context(), "room", someone(name), e)
	if err != nil {
		t.Fatal(err)
	}
	settle()
	return e, v
}

func want(t testing.TB, what string, e *ear, told ...string) {
	t.Helper()
	settle()
	if diff := cmp.Diff(strings.Join(told, ", "), e.take()); diff != "" {
		t.Errorf("%s (-want +told):\n%s", what, diff)
	}
}

func TestListen_firstTellsWhoIsHereOnAnyNode(t *testing.T) {
	bubble(t, 3, func(t *testing.T, w *world) {
		w.nodes[0].Visit("room", someone("a"))
		w.nodes[1].Visit("room", someone("b"))
		w.nodes[1].Visit("another", someone("x"))
		settle()
		c, _ := w.listen(t, 2, "c")
		want(t, "the first of all", c, "online a", "online b", "online c")
		w.nodes[0].Visit("room", someone("d"))
		want(t, "a new one elsewhere", c, "online d")
	})
}

func TestOffline_isHeldBackTenSeconds(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		near, _ := w.listen(t, 0, "a")
		far, _ := w.listen(t, 1, "b")
		v := w.nodes[0].Visit("room", someone("c"))
		settle()
		near.take()
		far.take()
		v.Close()
		time.Sleep(offlineAfter - time.Second)
		want(t, "near, a second before", near)
		want(t, "far, a second before", far)
		time.Sleep(2 * time.Second)
		want(t, "near", near, "offline c")
		want(t, "far", far, "offline c")
	})
}

func TestOffline_isCancelledByAReturnToAnyNode(t *testing.T) {
	for node := range 2 {
		bubble(t, 2, func(t *testing.T, w *world) {
			e, _ := w.listen(t, 0, "a")
			v := w.nodes[0].Visit("room", someone("b"))
			want(t, "at first", e, "online a", "online b")
			v.Close()
			time.Sleep(offlineAfter - time.Second)
			back := w.nodes[node].Visit("room", someone("b"))
			time.Sleep(time.Minute)
			want(t, "after the return", e)
			back.Close()
			time.Sleep(offlineAfter + time.Second)
			want(t, "after the end", e, "offline b")
		})
	}
}

func TestTwoTabs_areOnePerson(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		e, _ := w.listen(t, 0, "a")
		tabs := []*Visit{w.nodes[0].Visit("room", someone("b")), w.nodes[0].Visit("room", someone("b")), w.nodes[1].Visit("room", someone("b"))}
		want(t, "all tabs", e, "online a", "online b")
		for _, v := range tabs {
			want(t, "one tab less", e)
			v.Close()
			v.Close() // and again changes nothing
			time.Sleep(offlineAfter + time.Second)
		}
		want(t, "no tab", e, "offline b")
	})
}

func TestLeft_isOfflineAtOnceAndStaysSo(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		near, _ := w.listen(t, 0, "a")
		far, _ := w.listen(t, 1, "b")
		gone := w.nodes[0].Visit("room", someone("c"))
		settle()
		near.take()
		far.take()
		for _, l := range w.nodes {
			l.Left("room", "c")
			l.Left("room", "c")
		}
		want(t, "near", near, "offline c")
		want(t, "far", far, "offline c")
		gone.Close()
		w.nodes[1].Visit("room", someone("c")).Close() // was let in just before
		time.Sleep(time.Minute)
		want(t, "near, later", near)
		want(t, "far, later", far)
	})
}

func TestNodeDeath_clearsItsMembersWithinFifteenSeconds(t *testing.T) {
	bubble(t, 3, func(t *testing.T, w *world) {
		e, _ := w.listen(t, 0, "a")
		w.nodes[1].Visit("room", someone("b"))
		settle()
		w.nodes[1].Visit("room", someone("c"))
		w.nodes[2].Visit("room", someone("c")) // lives elsewhere too
		time.Sleep(time.Minute)
		want(t, "all live", e, "online a", "online b", "online c")
		w.stops[1]()
		time.Sleep(leaseFor - renewEvery - time.Second)
		want(t, "before its lease can have ended", e)
		time.Sleep(15*time.Second - (leaseFor - renewEvery - time.Second))
		want(t, "fifteen seconds after", e, "offline b")
	})
}

// A node to which so many come that somebody always waits for an answer is not dead: all
// questions have their turn.
func TestStorm_ofSubscriptionsEndsNoLease(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		e, _ := w.listen(t, 0, "a")
		w.nodes[1].Visit("room", someone("b"))
		want(t, "at first", e, "online a", "online b")
		w.shelf.slowDown(0, 10*time.Millisecond)
		w.wire.isCut(true)
		for i := range 4000 { // 200 a second for 20 s, more than one question each could hear
			go func() {
				if _, err := w.nodes[1].Listen(t.Context(), fmt.Sprint("new", i), someone("c"), &ear{}); err != nil {
					t.Error(err)
				}
			}()
			time.Sleep(5 * time.Millisecond)
		}
		want(t, "in the storm", e)
	})
}

func TestStorm_ofArrivalsKeepsNobodyWaiting(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		w.nodes[1].Visit("room", someone("b"))
		settle()
		w.shelf.slowDown(10*time.Millisecond, 0)
		storm := make(chan struct{})
		go func() {
			defer close(storm)
			for i := range 4000 {
				w.nodes[0].Visit(fmt.Sprint("new", i), someone("c"))
				time.Sleep(5 * time.Millisecond)
			}
		}()
		time.Sleep(time.Second)
		begin := time.Now()
		e, _ := w.listen(t, 0, "a")
		if took := time.Since(begin); took > 100*time.Millisecond {
			t.Errorf("waited %v to hear who is here", took)
		}
		want(t, "in the storm", e, "online a", "online b")
		<-storm
	})
}

func TestClose_leavesMembersTheTimeToMove(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		e, _ := w.listen(t, 0, "a")
		w.nodes[1].Visit("room", someone("b"))
		w.nodes[1].Visit("room", someone("c"))
		want(t, "at first", e, "online a", "online b", "online c")
		w.stops[1]()
		w.nodes[1].Close()
		time.Sleep(offlineAfter - time.Second)
		w.nodes[0].Visit("room", someone("b"))
		time.Sleep(7 * time.Second)
		want(t, "fifteen seconds after", e, "offline c")
	})
}

func TestPresence_isTrueThoughTheBusLosesAll(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		w.wire.isCut(true)
		e, _ := w.listen(t, 0, "a")
		v := w.nodes[1].Visit("room", someone("b"))
		time.Sleep(hearEvery + time.Second)
		want(t, "a round later", e, "online a", "online b")
		v.Close()
		time.Sleep(offlineAfter + leaseFor + time.Second)
		want(t, "when it is gone", e, "offline b")
	})
}

func TestPresenceAway_nobodyIsCalledOffline(t *testing.T) {
	for name, emptied := range map[string]bool{"comes back as it was": false, "comes back empty": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 2, func(t *testing.T, w *world) {
				e, _ := w.listen(t, 0, "a")
				w.nodes[1].Visit("room", someone("b"))
				settle()
				moved := w.nodes[0].Visit("room", someone("c"))
				gone := w.nodes[0].Visit("room", someone("d"))
				want(t, "at first", e, "online a", "online b", "online c", "online d")
				w.shelf.takeAway(errAway)
				w.wire.isCut(true)
				moved.Close()
				gone.Close()
				w.nodes[1].Visit("room", someone("c"))
				w.nodes[1].Visit("room", someone("new"))
				time.Sleep(time.Minute)
				want(t, "while it is away", e)
				if w.nodes[0].Sure() {
					t.Error("it calls itself sure")
				}
				online, sure := w.nodes[0].Online(t.Context(), []string{"room"})
				if diff := cmp.Diff(online["room"], map[string]bool{"a": true, "b": true}); sure || diff != "" {
					t.Errorf("sure: %v\n%s", sure, diff)
				}
				if emptied {
					w.shelf.empty()
				}
				w.shelf.takeAway(nil)
				time.Sleep(leaseFor - time.Second)
				want(t, "back", e, "online new")
				time.Sleep(hearEvery + 3*time.Second)
				want(t, "when all have said everything again", e, "offline d")
				if !w.nodes[0].Sure() {
					t.Error("it is not sure again")
				}
			})
		})
	}
}

// A Redis that starts again between two questions refuses none and knows nobody.
func TestPresenceEmptied_nobodyIsCalledOffline(t *testing.T) {
	bubble(t, 3, func(t *testing.T, w *world) {
		e, _ := w.listen(t, 0, "a")
		w.nodes[1].Visit("room", someone("b"))
		settle()
		w.nodes[2].Visit("room", someone("c"))
		want(t, "at first", e, "online a", "online b", "online c")
		for range 20 {
			time.Sleep(3700 * time.Millisecond) // at ever other moments of all periods
			w.shelf.empty()
		}
		time.Sleep(time.Minute)
		want(t, "after all", e)
		online, sure := w.nodes[2].Online(t.Context(), []string{"room", "empty"})
		if diff := cmp.Diff(online, map[string]map[string]bool{"room": {"a": true, "b": true, "c": true}, "empty": {}}); !sure || diff != "" {
			t.Errorf("sure: %v\n%s", sure, diff)
		}
	})
}

// A word that comes late, or again, changes nothing: what was said after it counts.
func TestPresence_theNewestWordCounts(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		e, _ := w.listen(t, 0, "a")
		want(t, "at first", e, "online a")
		l, r := w.nodes[0], w.nodes[0].rooms.Get("room")
		said := func(version int, member string) {
			l.receive(r, fmt.Appendf(nil, `{"node":"n","state":{"version":%d,"members":[{"id":%q}]}}`, version, member))
		}
		heard := func(states map[string]State) {
			l.hasHeard([]string{"room"}, map[string]map[string]State{"room": states}, true)
		}
		said(5, "b")
		said(6, "c")
		want(t, "two words", e, "online b", "online c", "offline b")
		said(5, "b")
		said(6, "c")
		heard(map[string]State{"n": {Version: 5, Members: []Member{someone("b")}}})
		want(t, "older ones", e)
		heard(nil) // it says so on the bus first, and in Presence behind that
		want(t, "a Presence that does not know yet", e)
		time.Sleep(leaseFor)
		heard(nil)
		want(t, "one that should by now", e, "offline c")
	})
}

// Presence loses a room, and no lease with it.
func TestPresence_aLostWordIsSaidAgain(t *testing.T) {
	for name, c := range map[string]struct {
		listens bool
		within  time.Duration
	}{"soon where somebody listens": {true, hearEvery + time.Second}, "after a while where nobody does": {false, sayAgainEvery + time.Second}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 2, func(t *testing.T, w *world) {
				if c.listens {
					w.listen(t, 0, "a")
				} else {
					w.nodes[0].Visit("room", someone("a"))
				}
				time.Sleep(time.Second)
				w.shelf.Memory.mu.Lock()
				clear(w.shelf.states)
				w.shelf.Memory.mu.Unlock()
				time.Sleep(c.within)
				synctest.Wait()
				online, sure := w.nodes[1].Online(t.Context(), []string{"room"})
				if !online["room"]["a"] || !sure {
					t.Errorf("%v, sure: %v", online, sure)
				}
			})
		})
	}
}

func TestListener_whoCouldNotBeToldIsToldLater(t *testing.T) {
	bubble(t, 1, func(t *testing.T, w *world) {
		e, _ := w.listen(t, 0, "a")
		v := w.nodes[0].Visit("room", someone("b"))
		want(t, "at first", e, "online a", "online b")
		e.stick(true)
		w.nodes[0].Visit("room", someone("c"))
		w.nodes[0].Visit("room", someone("d")).Close()
		v.Close()
		w.nodes[0].Typing("room", someone("c"))
		time.Sleep(time.Minute)
		e.stick(false)
		time.Sleep(time.Second)
		want(t, "when it reads again", e, "online c", "offline b")
	})
}

func TestClosedListener_isToldNothing(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		e, v := w.listen(t, 0, "a")
		v.Close()
		want(t, "at first", e, "online a")
		w.nodes[0].Visit("room", someone("b"))
		w.nodes[1].Visit("room", someone("c"))
		w.nodes[1].Typing("room", someone("c"))
		want(t, "after the end", e)
		if n := len(w.wire.receivers); n != 0 {
			t.Errorf("%d channels of the bus are joined still", n)
		}
	})
}

func TestListen_withoutTimeLeavesNothingBehind(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		w.stops[0]() // nobody asks for it
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := w.nodes[0].Listen(ctx, "room", someone("a"), &ear{}); err == nil {
			t.Fatal("listening without an answer")
		}
		if n := len(w.wire.receivers); n != 0 {
			t.Errorf("%d channels of the bus are joined still", n)
		}
	})
}

func TestTyping_onceInThreeSeconds(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		near, _ := w.listen(t, 0, "a")
		far, _ := w.listen(t, 1, "b")
		near.take()
		far.take()
		for range 30 { // every 300 ms, on both nodes
			w.nodes[0].Typing("room", someone("a"))
			w.nodes[0].Typing("another", someone("a"))
			settle()
			w.nodes[1].Typing("room", someone("a"))
			time.Sleep(280 * time.Millisecond)
		}
		want(t, "near", near, "typing a", "typing a", "typing a")
		want(t, "far", far, "typing a", "typing a", "typing a")
		w.nodes[0].Typing("room", someone("b"))
		want(t, "another member", near, "typing b")
	})
}

func TestTyping_exactlyAfterThreeSecondsIsNews(t *testing.T) {
	bubble(t, 1, func(t *testing.T, w *world) {
		e, _ := w.listen(t, 0, "a")
		e.take()
		w.nodes[0].Typing("room", someone("a"))
		time.Sleep(typingEvery - time.Millisecond)
		w.nodes[0].Typing("room", someone("a"))
		time.Sleep(time.Millisecond)
		w.nodes[0].Typing("room", someone("a"))
		want(t, "at 0, 2.999 and 3 s", e, "typing a", "typing a")
	})
}

func TestTyping_afterAMessageIsNewsOnce(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		near, _ := w.listen(t, 0, "a")
		far, _ := w.listen(t, 1, "b")
		near.take()
		far.take()
		w.nodes[0].Said("room", "a") // who does not type says something
		w.nodes[0].Typing("room", someone("a"))
		w.nodes[0].Said("another", "a")
		w.nodes[0].Said("room", "b")
		w.nodes[0].Typing("room", someone("a"))
		want(t, "near", near, "typing a")
		want(t, "far", far, "typing a")
		w.nodes[0].Said("room", "a")
		w.nodes[0].Typing("room", someone("a"))
		w.nodes[0].Typing("room", someone("a"))
		want(t, "near, after the message", near, "typing a")
		want(t, "far, after the message", far, "typing a")
		time.Sleep(2 * typingFor)
		for i, l := range w.nodes[:2] {
			l.mu.Lock()
			if n := len(l.typed); n != 0 {
				t.Errorf("node %d remembers %d of those who typed still", i, n)
			}
			l.mu.Unlock()
		}
	})
}

func TestTyping_oldOnesAreDropped(t *testing.T) {
	for _, c := range []struct {
		age  time.Duration
		told []string
	}{
		{-time.Hour, []string{"typing b"}}, {0, []string{"typing b"}}, {typingFor - time.Millisecond, []string{"typing b"}},
		{typingFor, nil}, {time.Hour, nil},
	} {
		bubble(t, 2, func(t *testing.T, w *world) {
			e, _ := w.listen(t, 0, "a")
			e.take()
			r := w.nodes[0].rooms.Get("room")
			at := time.Now().Add(-c.age).UnixMilli()
			w.nodes[0].receive(r, fmt.Appendf(nil, `{"event":{"event":"typing","memberId":"b","nickname":"B"},"at":%d}`, at))
			want(t, fmt.Sprint(c.age, " old"), e, c.told...)
		})
	}
}

func TestReceive_nonsenseIsDropped(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		e, _ := w.listen(t, 0, "a")
		e.take()
		r := w.nodes[0].rooms.Get("room")
		for _, payload := range []string{"", "{", "null", "{}", `{"state":[]}`, `{"event":"typing"}`} {
			w.nodes[0].receive(r, []byte(payload))
		}
		want(t, "told", e)
	})
}

// What listeners were told is what is true, whatever happened in between: visits and
// their ends on three nodes, a bus that is cut and a Presence that is away or emptied.
func TestPresence_endsUpTrueWhateverHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(3)
			defer w.stop()
			settle()
			ears, visits := map[*ear]*Visit{}, map[*Visit]string{}
			for range rapid.IntRange(1, 40).Draw(rt, "steps") {
				node, name := rapid.IntRange(0, 2).Draw(rt, "node"), rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "member")
				switch rapid.SampledFrom([]string{"visit", "visit", "listen", "close", "close", "cut", "away", "empty"}).Draw(rt, "step") {
				case "visit":
					visits[w.nodes[node].Visit("room", someone(name))] = name
				case "listen":
					e, v := w.listen(t, node, name)
					ears[e], visits[v] = v, name
				case "close":
					for v := range visits {
						v.Close()
						delete(visits, v)
						maps.DeleteFunc(ears, func(_ *ear, of *Visit) bool { return of == v })
						break
					}
				case "cut":
					w.wire.isCut(rapid.Bool().Draw(rt, "cut"))
				case "away":
					if rapid.Bool().Draw(rt, "away") {
						w.shelf.takeAway(errAway)
					} else {
						w.shelf.takeAway(nil)
					}
				case "empty":
					w.shelf.empty()
				}
				time.Sleep(time.Duration(rapid.IntRange(0, 12_000).Draw(rt, "ms")) * time.Millisecond)
			}
			w.shelf.takeAway(nil)
			time.Sleep(offlineAfter + 2*leaseFor + 2*hearEvery)
			synctest.Wait()
			here := map[string]bool{}
			for _, name := range visits {
				here[name] = true
			}
			for e := range ears {
				if diff := cmp.Diff(here, replayed(rt, e.take())); diff != "" {
					rt.Errorf("(-true +told):\n%s", diff)
				}
			}
			online, sure := w.nodes[0].Online(t.Context(), []string{"room"})
			if diff := cmp.Diff(here, online["room"]); !sure || diff != "" {
				rt.Errorf("sure: %v (-true +online):\n%s", sure, diff)
			}
		})
	})
}

// replayed is who is online after all that a listener was told, which must be news each
// time.
func replayed(rt *rapid.T, told string) map[string]bool {
	here := map[string]bool{}
	for _, event := range strings.Split(told, ", ") {
		what, who, _ := strings.Cut(event, " ")
		if (what == "online") == here[who] {
			rt.Errorf("%q is no news in %q", event, told)
		}
		if here[who] = true; what == "offline" {
			delete(here, who)
		}
	}
	return here
}

// Nothing is kept of a room when nobody is in it any more.
func TestRooms_areForgotten(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		_, v := w.listen(t, 0, "a")
		other := w.nodes[0].Visit("room", someone("b"))
		v.Close()
		other.Close()
		w.shelf.takeAway(errAway)
		time.Sleep(renewEvery + time.Second)
		w.nodes[0].Visit("never heard of", someone("a")).Close()
		time.Sleep(time.Minute)
		l := w.nodes[0]
		synctest.Wait()
		l.mu.Lock()
		defer l.mu.Unlock()
		if n := l.rooms.Len(); n != 1 {
			t.Errorf("%d rooms are kept, want the one that has to be taken back", n)
		}
		w.shelf.takeAway(nil)
		l.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		l.mu.Lock()
		if l.rooms.Len()+len(l.unsaid)+len(l.unheard)+len(l.leaving)+len(l.behind)+len(w.shelf.states) != 0 {
			t.Errorf("kept: %v, unsaid %v, unheard %v, leaving %v, behind %v, presence %v", slices.Collect(l.rooms.All()), l.unsaid, l.unheard, l.leaving, l.behind, w.shelf.states)
		}
	})
}

// Each room is asked for once in its time, and never most of them at one moment.
func TestRun_hearsAPartAtATime(t *testing.T) {
	bubble(t, 1, func(t *testing.T, w *world) {
		const rooms, each = 200, hearEvery / hearParts
		begun := time.Now()
		for i := range rooms {
			v, err := w.nodes[0].Listen(t.Context(), fmt.Sprint("room", i), someone("a"), &ear{})
			if err != nil {
				t.Fatal(err)
			}
			defer v.Close()
		}
		time.Sleep(hearEvery + each/2 - time.Since(begun)%each) // after a round, and between two turns
		w.shelf.mu.Lock()
		w.shelf.asked = nil
		w.shelf.mu.Unlock()
		time.Sleep(hearEvery)
		synctest.Wait()
		w.shelf.mu.Lock()
		defer w.shelf.mu.Unlock()
		heard := map[string]int{}
		for _, ids := range w.shelf.asked {
			if len(ids) > rooms/5 {
				t.Errorf("%d of %d rooms at one moment", len(ids), rooms)
			}
			for _, id := range ids {
				heard[id]++
			}
		}
		for i := range rooms {
			if id := fmt.Sprint("room", i); heard[id] != 1 {
				t.Errorf("%s was asked for %d times", id, heard[id])
			}
		}
	})
}
