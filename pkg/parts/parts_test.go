package parts

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// It is a map, whatever is done in whatever order, and as many turns as there are parts come
// to each value once.
func TestMap_isAMapInParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "parts")
		m, want := New[int](n), map[string]int{}
		for range rapid.IntRange(0, 100).Draw(t, "steps") {
			key, v := strconv.Itoa(rapid.IntRange(0, 30).Draw(t, "key")), rapid.Int().Draw(t, "value")
			if rapid.Bool().Draw(t, "delete") {
				m.Delete(key)
				delete(want, key)
			} else {
				m.Set(key, v)
				want[key] = v
			}
			if got := m.Get(key); got != want[key] {
				t.Fatalf("%s: %d, want %d", key, got, want[key])
			}
		}
		values := slices.Sorted(maps.Values(want))
		if got := slices.Sorted(m.All()); m.Len() != len(want) || !slices.Equal(got, values) {
			t.Fatalf("%d of %v, want %v", m.Len(), got, values)
		}
		first, cut := rapid.IntRange(0, 1000).Draw(t, "first turn"), rapid.IntRange(0, n).Draw(t, "cut")
		turned := append(m.Due(first, first+cut), m.Due(first+cut, first+n)...)
		if slices.Sort(turned); !slices.Equal(turned, values) {
			t.Fatalf("%d turns came to %v, want %v", n, turned, values)
		}
	})
}

// None of 20 parts of 10,000 has half again of what would be even: with 500 each the deviation
// of a random split is 22, of which that is eleven.
func TestMap_partsAreEven(t *testing.T) {
	m := New[int](20)
	for i := range 10_000 {
		m.Set("0192f0c1-7b2a-7000-8000-"+strconv.Itoa(i), i)
	}
	for turn := range 20 {
		if n := len(m.Due(turn, turn+1)); n < 250 || n > 750 {
			t.Errorf("part %d has %d of 10,000", turn, n)
		}
	}
}
