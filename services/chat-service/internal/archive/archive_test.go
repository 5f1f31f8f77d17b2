package archive

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

const room = "0193a000-0000-7000-8000-000000000005"

// messages are n of a room, from a seq on.
func messages(first int64, n int, comment string) []chat.Message {
	list := make([]chat.Message, n)
	for i := range list {
		list[i] = chat.Message{RoomID: room, Seq: first + int64(i), MessageID: fmt.Sprint("id", i), Type: chatapi.Text, Comment: comment}
	}
	return list
}

// What is packed comes back as it was, the same messages always as the same octets, and no
// segment is larger than it may be.
func TestSegment_comesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.Int64Range(1, 1<<40).Draw(t, "first")
		list := messages(first, rapid.IntRange(1, 30).Draw(t, "n"), "")
		for i := range list {
			m := &list[i]
			m.Comment, m.CreatedBy, m.IdempotencyKey = rapid.String().Draw(t, "comment"), rapid.String().Draw(t, "name"), rapid.String().Draw(t, "key")
			m.CreatedAt = wire.At(time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "at")))
			if rapid.Bool().Draw(t, "picture") {
				m.Type, m.Image = chatapi.Image, &chatapi.Picture{ImageID: "x", Bytes: rapid.Int64().Draw(t, "bytes")}
			}
		}
		segment, packed, data, err := pack(list)
		if err != nil || len(packed) != len(list) || segment.First != first || segment.Messages() != int64(len(list)) {
			t.Fatal(segment, len(packed), err)
		}
		if again, _, same, err := pack(list); err != nil || again != segment || string(same) != string(data) {
			t.Fatal("packed again it is another:", again, err)
		}
		back, err := segment.unpack(data)
		if diff := cmp.Diff(list, back); err != nil || diff != "" {
			t.Fatal(err, diff)
		}
	})
}

func TestSegment_isBounded(t *testing.T) {
	for _, c := range []struct{ length, fit int }{{1, 500}, {segmentOctets / 4, 3}, {segmentOctets, 1}, {3 * segmentOctets, 1}} {
		segment, packed, data, err := pack(messages(5, 500, strings.Repeat("x", c.length)))
		if err != nil || len(packed) != c.fit || segment.Messages() != int64(c.fit) {
			t.Fatalf("%d octets each: %d fit, %v; want %d", c.length, len(packed), err, c.fit)
		}
		if _, err := segment.unpack(data); err != nil {
			t.Error(err)
		}
	}
}

// Octets that are what is recorded may still not be what the segment says.
func TestSegment_refusesOthers(t *testing.T) {
	segment, _, data, err := pack(messages(5, 3, "x"))
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*Segment){
		"another room": func(s *Segment) { s.RoomID = "other" },
		"other seqs":   func(s *Segment) { s.First, s.Last = 6, 8 },
		"fewer":        func(s *Segment) { s.Last = 6 },
		"more":         func(s *Segment) { s.Last = 8 },
		"another sum":  func(s *Segment) { s.SHA256 = sumOf(nil) },
		"more octets":  func(s *Segment) { s.Bytes++ },
	} {
		other := segment
		change(&other)
		if _, err := other.unpack(data); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
	junk := Segment{RoomID: room, First: 1, Last: 1, Bytes: 4, SHA256: sumOf([]byte("junk"))}
	if _, err := junk.unpack([]byte("junk")); err == nil {
		t.Error("junk is taken")
	}
}

// shelf is a room of which all is archived, in segments of ten.
type shelf struct {
	Store
	mu       sync.Mutex // guards what follows
	segments []Segment
	objects  map[string][]byte
	gets     int
	hold     time.Duration // each Get
	away     bool
	most     int // Gets in one moment
	now      int
	rows     []chat.Message // in the database; set before it is used
}

func newShelf(t *testing.T, segments int, comment string) *shelf {
	s := &shelf{objects: map[string][]byte{}, rows: []chat.Message{}}
	for i := range segments {
		segment, _, data, err := pack(messages(int64(i)*10+1, 10, comment))
		if err != nil {
			t.Fatal(err)
		}
		s.segments, s.objects[segment.Object] = append(s.segments, segment), data
	}
	return s
}

func (s *shelf) Messages(context.Context, string, chat.Page) ([]chat.Message, bool, error) {
	return s.rows, false, nil
}

func (s *shelf) Segment(_ context.Context, _ string, seq int64) (Segment, bool, error) {
	for i := len(s.segments) - 1; i >= 0; i-- {
		if s.segments[i].First <= seq {
			return s.segments[i], true, nil
		}
	}
	return Segment{}, false, nil
}

func (s *shelf) Segments(_ context.Context, _ string, first, last int64) (found []Segment, err error) {
	for _, segment := range s.segments {
		if segment.Last >= first && segment.First <= last {
			found = append(found, segment)
		}
	}
	return found, nil
}

func (s *shelf) Put(context.Context, string, []byte, string) error { return nil }

func (s *shelf) Get(_ context.Context, key string, _ int64) ([]byte, error) {
	s.mu.Lock()
	s.gets, s.now = s.gets+1, s.now+1
	s.most = max(s.most, s.now)
	s.mu.Unlock()
	time.Sleep(s.hold) // on a fake clock
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now--
	if s.away {
		return nil, errNoObjects
	}
	return s.objects[key], nil
}

func (s *shelf) history() *History {
	return NewHistory(s, s, slog.New(slog.DiscardHandler), NewCounters())
}

// Whoever reads an old room page by page fetches each of its segments once.
func TestHistory_fetchesASegmentOnce(t *testing.T) {
	s := newShelf(t, 12, "x")
	h := s.history()
	var read []chat.Message
	for more := true; more; {
		after := int64(len(read))
		page, further, err := h.Messages(t.Context(), room, chat.Page{After: &after, Limit: 7})
		if err != nil {
			t.Fatal(err)
		}
		read, more = append(read, page...), further
	}
	back, more, err := h.Messages(t.Context(), room, chat.Page{Limit: 500})
	if diff := cmp.Diff(read, back); err != nil || more || diff != "" || len(read) != 120 {
		t.Errorf("%d, then %d, more %v, %v", len(read), len(back), more, err)
	}
	if s.gets != 12 {
		t.Errorf("%d fetches of 12 segments", s.gets)
	}
}

// Segments of one page are fetched together, some at a time, and a page waits so long for
// all of them.
func TestHistory_fetchesAPageTogether(t *testing.T) {
	for what, p := range map[string]chat.Page{"forwards": {After: new(int64), Limit: 120}, "backwards": {Limit: 120}} {
		synctest.Test(t, func(t *testing.T) {
			s := newShelf(t, 12, "x")
			s.hold = time.Second
			began := time.Now()
			page, more, err := s.history().Messages(t.Context(), room, p)
			if took := time.Since(began); err != nil || more || len(page) != 120 || took != 12/maxFetchesEach*time.Second || s.most != maxFetchesEach {
				t.Errorf("%s: %d after %v, %d at once, %v", what, len(page), took, s.most, err)
			}
			s.hold = fetchTimeout - time.Second
			began = time.Now()
			page, more, err = s.history().Messages(t.Context(), room, p)
			if took := time.Since(began); took != openTimeout {
				t.Errorf("%s, when it is slow: after %v", what, took)
			}
			if forwards := p.After != nil; forwards && !fault.Is(err, fault.Unavailable) || !forwards && (err != nil || !more || len(page) != maxFetchesEach*10 || page[0].Seq != 121-maxFetchesEach*10) {
				t.Errorf("%s, when it is slow: %d, more %v, %v", what, len(page), more, err)
			}
			time.Sleep(fetchTimeout)
		})
	}
}

// Many who come back to an old room in one moment fetch once; those of many rooms take
// turns, and one who gives up does not end it for the others.
func TestHistory_fetchesForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(t, 3*maxFetches, "x")
		s.hold = time.Second
		h := s.history()
		hasty, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() {
			_, err := h.Archived(hasty, chat.Position{RoomID: room}, 5)
			gone <- err
		}()
		synctest.Wait()
		var waiting sync.WaitGroup
		for i := range 100 {
			waiting.Go(func() {
				after := int64(i%len(s.segments)) * 10
				page, err := h.Archived(t.Context(), chat.Position{RoomID: room, Seq: after}, 5)
				if err != nil || len(page) != 5 || page[0].Seq != after+1 {
					t.Errorf("after %d: %v, %v", after, page, err)
				}
			})
		}
		cancel()
		if err := <-gone; !fault.Is(err, fault.Unavailable) {
			t.Errorf("who gave up got %v", err)
		}
		waiting.Wait()
		if s.gets != len(s.segments) || s.most != maxFetches {
			t.Errorf("%d fetches of %d segments, %d at once", s.gets, len(s.segments), s.most)
		}
	})
}

// An archive that hangs holds nobody for longer than a fetch may take, and what failed is
// fetched again.
func TestHistory_triesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(t, 1, "x")
		s.away = true
		h := s.history()
		if _, err := h.Archived(t.Context(), chat.Position{RoomID: room}, 5); !fault.Is(err, fault.Unavailable) {
			t.Error(err)
		}
		s.away = false
		if page, err := h.Archived(t.Context(), chat.Position{RoomID: room}, 5); err != nil || len(page) != 5 {
			t.Error(page, err)
		}
	})
}

// A room that came back to life can be opened while its old messages are not to be had,
// soon, and they are there when they are to be had again.
func TestHistory_showsWhatThereIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(t, 1, "x")
		s.rows, s.away, s.hold = messages(11, 3, "live"), true, fetchTimeout
		h := s.history()
		began := time.Now()
		page, more, err := h.Messages(t.Context(), room, chat.Page{Limit: 50})
		if diff := cmp.Diff(s.rows, page); err != nil || !more || diff != "" {
			t.Errorf("while it hangs: more %v, %v, %v", more, err, diff)
		}
		if took := time.Since(began); took > fillTimeout { // on a fake clock
			t.Errorf("after %v", took)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := h.Messages(gone, room, chat.Page{Limit: 50}); err == nil {
			t.Error("who is gone gets a page")
		}
		time.Sleep(fetchTimeout)
		s.mu.Lock()
		s.away = false
		s.hold = 0
		s.mu.Unlock()
		if page, more, err := h.Messages(t.Context(), room, chat.Page{Limit: 50}); err != nil || more || len(page) != 13 {
			t.Errorf("when it is back: %d, more %v, %v", len(page), more, err)
		}
	})
}
