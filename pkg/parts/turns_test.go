package parts

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Turns come one after the other, none twice and none left out; those that are late come
// together, and of several rounds the last.
func TestTurns_whatIsLateIsDueTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := NewTurns(20, time.Second)
		var due [][2]int
		for _, pause := range []time.Duration{turns.Each(), turns.Each() / 2, turns.Each() / 2, time.Second / 2, 0, 3 * time.Second, turns.Each()} {
			time.Sleep(pause)
			from, to := turns.Due()
			due = append(due, [2]int{from, to})
		}
		want := [][2]int{{0, 1}, {1, 1}, {1, 2}, {2, 12}, {12, 12}, {52, 72}, {72, 73}}
		if !slices.Equal(due, want) {
			t.Errorf("turns %v, want %v", due, want)
		}
	})
}
