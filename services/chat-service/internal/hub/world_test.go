package hub

import (
	"bytes"
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

	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// memory is a Store in memory.
type memory struct {
	mu      sync.Mutex // guards what follows
	rooms   map[string][]chat.Message
	older   map[string]int // how many of a room's messages are archived
	gone    error          // of the archive
	hangs   bool           // the archive does not answer
	slow    time.Duration  // each answer of the archive; set before it is used
	fails   error          // of every query
	tired   int            // so many questions for a border hang first
	heads   int            // queries for heads
	takes   time.Duration  // each of them; set before it is used
	pages   int            // queries for messages
	largest int            // the most rooms in one query
	entered chan bool      // when set, Heads tells it and waits for its answer
}

func newMemory() *memory { return &memory{rooms: map[string][]chat.Message{}, older: map[string]int{}} }

var (
	errAway   = fault.New(fault.Unavailable, "the database is away")
	errBroken = errors.New("the statement is wrong")
)

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
	s.fails = nil
	if away {
		s.fails = errAway
	}
}

func (s *memory) setBroken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = errBroken
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
	time.Sleep(s.takes)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heads, s.largest = s.heads+1, max(s.largest, len(roomIDs))
	if s.fails != nil {
		return nil, s.fails
	}
	heads := map[string]int64{}
	for _, id := range roomIDs {
		if len(s.rooms[id]) > 0 {
			heads[id] = int64(len(s.rooms[id]))
		}
	}
	return heads, nil
}

func (s *memory) Following(_ context.Context, positions []chat.Position, limit int) (map[chat.Position][]chat.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages++
	if s.fails != nil {
		return nil, s.fails
	}
	following := map[chat.Position][]chat.Message{}
	for _, p := range positions {
		past := s.rooms[p.RoomID][min(max(int(p.Seq), s.older[p.RoomID]), len(s.rooms[p.RoomID])):]
		following[p] = slices.Clone(past[:min(len(past), limit)])
	}
	return following, nil
}

func (s *memory) Archived(ctx context.Context, p chat.Position, limit int) ([]chat.Message, error) {
	select {
	case <-time.After(s.slow):
	case <-ctx.Done():
		return nil, errAway
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hangs {
		s.mu.Unlock()
		<-ctx.Done()
		s.mu.Lock()
		return nil, errAway
	}
	if s.gone != nil {
		return nil, s.gone
	}
	past := s.rooms[p.RoomID][:s.older[p.RoomID]]
	past = past[min(int(p.Seq), len(past)):]
	return slices.Clone(past[:min(len(past), limit)]), nil
}

func (s *memory) Border(ctx context.Context, roomID string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tired > 0 {
		s.tired--
		s.mu.Unlock()
		<-ctx.Done()
		s.mu.Lock()
		return 0, errAway
	}
	return int64(s.older[roomID]), s.fails
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
	if want := fmt.Sprintf(`"comment":"message %d"`, d.Seq); !bytes.Contains(d.Body, []byte(want)) {
		panic("delivered " + string(d.Body) + " as " + want)
	}
	e.seqs = append(e.seqs, d.Seq)
}

func (e *ear) Shows() bool { return true }

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

func newTestHub(s Store) *Hub { return New(s, Alone{}, slog.New(slog.DiscardHandler)) }

// subscribe may be called from any goroutine, so it cannot end the test.
func subscribe(h *Hub, roomID string, e *ear, after *int64) *Subscription {
	sub, err := h.Subscribe(context.Background(), roomID, e, after)
	if err != nil {
		panic(fmt.Sprint("subscribe: ", err))
	}
	return sub
}

// healAfter is how long a gap stays when the store has what is missing: it is held, and
// then its page is read together with others'.
const healAfter = holdFor + batchWindow

// settle lets everything happen that comes by itself: pages wait for others for a moment.
func settle() {
	time.Sleep(time.Second)
	synctest.Wait()
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
