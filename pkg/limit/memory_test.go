package limit

import (
	"fmt"
	"testing"
	"time"
)

var (
	noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	once = Pace{Name: "joins", Every: time.Minute, Burst: 1}
)

// crowded is a Memory that knows as many people as it may, each with a turn used at noon.
func crowded(t *testing.T) *Memory {
	t.Helper()
	m := NewMemory()
	for i := range maxKeys {
		if wait := m.take(once, Turns{fmt.Sprint(i), 1}, noon); wait != 0 {
			t.Fatalf("the first turn of %d waits %v", i, wait)
		}
	}
	return m
}

func TestMemory_aCrowdForgetsNobodyWhoIsKnown(t *testing.T) {
	m := crowded(t)
	for _, who := range []string{"0", "7", fmt.Sprint(maxKeys - 1)} {
		if wait := m.take(once, Turns{who, 1}, noon.Add(time.Second)); wait != 59*time.Second {
			t.Errorf("%s waits %v, want 59 s", who, wait)
		}
	}
	if len(m.free) != maxKeys {
		t.Errorf("%d are known", len(m.free))
	}
}

// Those whose turns are free again make room, and if they are too few, all do: else each
// who comes would have the whole crowd looked through.
func TestMemory_aCrowdMakesRoom(t *testing.T) {
	for what, c := range map[string]struct {
		idle, left int
		wait       time.Duration // of one who was known
	}{
		"a tenth is idle": {maxKeys / 10, maxKeys*9/10 + 1, time.Minute},
		"fewer are":       {maxKeys/10 - 1, 1, 0},
	} {
		m := crowded(t)
		for i := range c.idle {
			m.free[key{once.Name, fmt.Sprint(i)}] = noon
		}
		if wait := m.take(once, Turns{"new", 1}, noon); wait != 0 || len(m.free) != c.left {
			t.Errorf("%s: waits %v, and %d are known, want %d", what, wait, len(m.free), c.left)
		}
		if wait := m.take(once, Turns{fmt.Sprint(maxKeys - 1), 1}, noon); wait != c.wait {
			t.Errorf("%s: one who was known waits %v, want %v", what, wait, c.wait)
		}
	}
}
