package archive

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// real are messages with all that messages have.
func real(comment string) []chat.Message {
	list := messages(1, segmentMessages, comment)
	for i := range list {
		m := &list[i]
		m.MessageID, m.MemberID, m.IdempotencyKey, m.CreatedBy = uuid.NewString(), uuid.NewString(), uuid.NewString(), "somebody"
		m.Type, m.Image = chatapi.Image, &chatapi.Picture{ImageID: uuid.NewString(), ContentType: "image/png", Bytes: 1}
	}
	return list
}

// heap is what is in use.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what the first found to be garbage is swept
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// What is counted of a segment is what it takes: no less, and not much more. No segment takes
// more than is said of each.
func TestHeldBy_isWhatIsHeld(t *testing.T) {
	for what, list := range map[string][]chat.Message{
		"pictures":     real(""),
		"short":        messages(1, segmentMessages, "x"),
		"long":         real(strings.Repeat("x", chat.MaxComment)),
		"long, Korean": real(strings.Repeat("\uc548", chat.MaxComment)),
		"escaped":      real(strings.Repeat("\x01", 600)),
		"rounded up":   real(strings.Repeat("\uc548", 1366)), // 4,098 octets
		"just so long": messages(1, segmentMessages, strings.Repeat("x", 830)),
	} {
		segment, _, data, err := pack(list)
		if err != nil {
			t.Fatal(err)
		}
		before := heap()
		messages, err := segment.unpack(data)
		if err != nil {
			t.Fatal(err)
		}
		held := heap() - before
		if counted := heldBy(messages); counted < held || counted > held*3/2 || counted > segmentHeld || int64(len(data)) > segmentOctets {
			t.Errorf("%s: %d octets are held, %d counted of %d, and %d zipped", what, held, counted, segmentHeld, len(data))
		}
		runtime.KeepAlive(messages)
		runtime.KeepAlive(data) // what ends in between would be counted off
	}
}

// The cache takes no more memory than it may, whatever is read.
func TestCache_isBounded(t *testing.T) {
	segment, _, data, err := pack(real("x"))
	if err != nil {
		t.Fatal(err)
	}
	const most = 3 << 20
	before := heap()
	c := newCache(most)
	for i := range 10 { // 450 KB each
		messages, err := segment.unpack(data)
		if err != nil {
			t.Fatal(err)
		}
		c.put(fmt.Sprint(i), messages)
		if c.get("0") == nil {
			t.Fatal("what is read does not stay")
		}
	}
	if held := heap() - before; held > most || held < most/2 || c.octets > most || len(c.kept) != c.recent.Len() {
		t.Errorf("%d octets are held of %d, %d counted of %d segments", held, most, c.octets, len(c.kept))
	}
	last := c.recent.Front().Value.(*kept)
	if c.put(last.object, last.messages); c.recent.Len() != len(c.kept) {
		t.Error("what is there already is there twice")
	}
	small := newCache(10)
	if small.put("large", messages(1, 1, "")); small.octets != 0 || small.get("large") != nil {
		t.Errorf("%d octets, with one that is larger than all", small.octets)
	}
}

// The README says how much that is in all.
func TestMostHeld_isWhatTheReadmeSays(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if said := fmt.Sprintf("%d MiB in all", (mostHeld+1<<20-1)>>20); !strings.Contains(string(readme), said) {
		t.Errorf("the README does not say %q", said)
	}
}

// What was fetched meanwhile by somebody else is not fetched again.
func TestFetch_looksOnceMore(t *testing.T) {
	s := newShelf(t, 1, "x")
	h := s.history()
	for range 2 {
		if list, err := h.fetch(t.Context(), s.segments[0]); err != nil || len(list) != 10 || s.gets != 1 {
			t.Errorf("%d messages with %d fetches, %v", len(list), s.gets, err)
		}
	}
}
