package plan

import (
	"testing"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

func TestTraffic_isLinearBeyondTheWait(t *testing.T) {
	a, b := NewTraffic(1e6, alike()), NewTraffic(2e6, alike())
	for op, rate := range a.PerSecond() {
		if op == costs.StreamSecond {
			continue // as many wait, however many come
		}
		near(t, string(op), b.PerSecond()[op], 2*rate, 0.001)
	}
	if few := NewTraffic(100, alike()); !few.Few() || few.Visits <= 0 || few.Streams > few.Present {
		t.Errorf("%+v", few)
	}
}

func TestListeners_areThoseWhoAreStillThere(t *testing.T) {
	p := alike()
	guest := p.Kinds[0]
	guest.Name, guest.Chat.Messages, guest.Chat.Think = "guest", 1, time.Second
	p.Kinds = append(p.Kinds, guest)
	// A guest's message comes in the first second, when all six are there but guests who
	// have left; a stayer's mostly when guests, half of all, have gone.
	if n := listeners(p, guest); n < 4.9 || n > 5.8 {
		t.Errorf("%g hear a guest", n)
	}
	if n := listeners(p, p.Kinds[0]); n < 3 || n > 3.6 {
		t.Errorf("%g hear who stays", n)
	}
	silent := guest
	silent.Chat.Messages = 0
	if n := listeners(p, silent); n != 0 {
		t.Errorf("%g hear who says nothing", n)
	}
}
