package match

import "testing"

func TestWatchers_wakeOnlyWhoIsConcerned(t *testing.T) {
	w := NewWatchers()
	a1, stopA1 := w.Watch("a")
	a2, stopA2 := w.Watch("a") // a second tab
	b, stopB := w.Watch("b")
	defer stopA2()
	defer stopB()

	w.Wake([]string{"a", "a", "nobody"})

	if len(a1) != 1 || len(a2) != 1 || len(b) != 0 {
		t.Errorf("woken: %d, %d, %d, want 1, 1, 0", len(a1), len(a2), len(b))
	}
	stopA1()
	w.WakeAll()
	if len(b) != 1 {
		t.Error("b was not woken with all")
	}
}

func TestWatchers_forgetThoseWhoStop(t *testing.T) {
	w := NewWatchers()
	_, stop := w.Watch("a")

	stop()

	if len(w.wakers) != 0 {
		t.Errorf("%d members left, want 0", len(w.wakers))
	}
}
