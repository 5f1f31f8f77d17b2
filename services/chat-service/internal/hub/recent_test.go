package hub

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What rooms said last comes back as it was said, the newest first and without a gap, or as
// much of it as is still there: all that fits behind it for certain, and nothing of another.
func TestRecent_givesBackWhatWasSaidLast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 400).Draw(t, "octets")
		r := newRecent(size)
		tails, said, after := map[int]place{}, map[int][]string{}, map[string]int{} // octets put since
		for i := range rapid.IntRange(0, 100).Draw(t, "messages") {
			room := rapid.IntRange(0, 3).Draw(t, "room")
			text := fmt.Sprint(i, " ", strings.Repeat("x", rapid.IntRange(0, size/2).Draw(t, "longer by")))
			for other := range after {
				after[other] += 2 * (header + len(text)) // at the ring's end as much may be left free
			}
			after[text] = header + len(text)
			said[room] = append(said[room], text)
			tails[room] = r.put(tails[room], packed(text))
			if header+len(text) > size {
				said[room] = nil // too long for the ring: what was said before is not remembered either
			}
		}
		for room, all := range said {
			n := rapid.IntRange(0, 10).Draw(t, "asked for")
			got := r.last(tails[room], n)
			if len(got) > n {
				t.Fatalf("%d messages, asked for %d", len(got), n)
			}
			for i := range min(n, len(all)) {
				want := all[len(all)-1-i]
				if i < len(got) && string(got[i]) != want {
					t.Fatalf("room %d has %q, %d before its last; said was %q", room, got[i], i, want)
				}
				if i >= len(got) {
					if after[want] <= size {
						t.Fatalf("%q is not remembered; %d of %d octets were put since", want, after[want], size)
					}
					break
				}
			}
			if len(got) > len(all) {
				t.Fatalf("room %d has %d messages, of which %d were said", room, len(got), len(all))
			}
		}
	})
}
