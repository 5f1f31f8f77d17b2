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

// Who waits as long as a stream lives, on the average, opens one again with a chance of
// 1/e, another with one of 1/e², and so on: 0.582 in all. Who hardly waits opens none.
func TestTraffic_opensStreamsAgainThatEnd(t *testing.T) {
	near(t, "as long as a stream lives", again(120), 0.582, 0.001)
	near(t, "hardly", 1+again(1), 1, 0)
	near(t, "never", again(0), 0, 0)
	p := alike()
	p.Kinds[0].Patience = 20 * time.Minute
	slow := NewTraffic(100, p) // 10 are there: hardly one in ten minutes finds five others
	near(t, "streams opened", slow.PerSecond()[costs.Stream], slow.Visits*(1+again(slow.Streams/slow.Visits)), 1e-9)
	if wait := slow.Streams / slow.Visits; wait < 120 || again(wait) < 0.5 {
		t.Errorf("a wait of %g s, in which streams are opened again %g times", wait, again(wait))
	}
}

func TestVisit_leavesForGoodAsOftenAsTheKindsDo(t *testing.T) {
	p := alike()
	p.Kinds[0].Leaves = 0.3
	v, stays := NewVisit(p), NewVisit(alike())
	near(t, "leaves", v.Ops[costs.Leave], 0.3, 1e-9)
	near(t, "enters", v.Ops[costs.Enter], 1, 0)
	near(t, "nodes are told", v.Told-stays.Told, 0.3, 1e-9)
}
