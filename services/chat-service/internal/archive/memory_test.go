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

// fullest are segments of which each is large in its own way.
var fullest = map[string][]chat.Message{
	"pictures":     real(""),
	"short":        messages(1, segmentMessages, "x"),
	"long":         real(strings.Repeat("x", chat.MaxComment)),
	"long, Korean": real(strings.Repeat("\uc548", chat.MaxComment)),
	"escaped":      real(strings.Repeat("\x01", 600)),
	"rounded up":   real(strings.Repeat("\uc548", 1366)), // 4,098 octets
	"just so long": messages(1, segmentMessages, strings.Repeat("x", 830)),
}

// No segment takes more than is said of each.
func TestHeldBy_isBounded(t *testing.T) {
	for what, list := range fullest {
		segment, packed, data, err := pack(list)
		if err != nil {
			t.Fatal(err)
		}
		messages, err := segment.unpack(data)
		if err != nil {
			t.Fatal(err)
		}
		if counted := heldBy(messages); counted > segmentHeld || counted < heldBy(packed)/2 || int64(len(data)) > segmentOctets {
			t.Errorf("%s: %d octets counted of %d, and %d zipped", what, counted, segmentHeld, len(data))
		}
	}
}

// How long a segment takes to be read, and what is counted of it beside what it takes: that
// is a little more than 1.
func BenchmarkUnpack(b *testing.B) {
	for what, list := range fullest {
		b.Run(what, func(b *testing.B) {
			segment, _, data, err := pack(list)
			if err != nil {
				b.Fatal(err)
			}
			before := heap()
			messages, err := segment.unpack(data)
			if err != nil {
				b.Fatal(err)
			}
			held := heap() - before
			ratio := float64(heldBy(messages)) / float64(held)
			for b.Loop() {
				if _, err := segment.unpack(data); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(ratio, "counted/held")
			runtime.KeepAlive(data) // what ends in between would be counted off
		})
	}
}

// The cache keeps what was read last, up to what it may hold.
func TestCache_isBounded(t *testing.T) {
	list := real("x")
	most := 3*heldBy(list) + 1
	c := newCache(most)
	for i := range 10 {
		c.put(fmt.Sprint(i), list)
		if c.get("0") == nil {
			t.Fatal("what is read does not stay")
		}
	}
	if c.octets != 3*heldBy(list) || len(c.kept) != 3 || c.recent.Len() != 3 || c.get("9") == nil || c.get("5") != nil {
		t.Errorf("%d octets are counted of %d segments", c.octets, len(c.kept))
	}
	if c.put("9", list); c.recent.Len() != 3 {
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
