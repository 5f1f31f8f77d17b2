package scene

import (
	"math"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

// What is there anyway, whatever the rate, is not in the slope.
func TestFit_tellsTheFixedCostApart(t *testing.T) {
	var x []float64
	var y []costs.Unit
	for _, perSecond := range []float64{0, 100, 400} {
		x = append(x, perSecond)
		y = append(y, costs.Unit{Chat: 5000 + 120*perSecond, Postgres: 700, WAL: 3 * perSecond})
	}
	got := fit(x, y)
	if math.Abs(got.Chat-120) > 1e-9 || math.Abs(got.Postgres) > 1e-9 || math.Abs(got.WAL-3) > 1e-9 {
		t.Errorf("%+v", got)
	}
}

// A cost that does not grow with the connections is no cost of a connection.
func TestBent_namesWhatIsNoLine(t *testing.T) {
	connected := []float64{0, 1200, 200, 0}
	silence := []costs.Unit{
		{Chat: 5000, Postgres: 2000, Redis: 3000}, {Chat: 29_000, Postgres: 112_000, Redis: 3500},
		{Chat: 9000, Postgres: 89_000, Redis: 2500}, {Chat: 5000, Postgres: 2000, Redis: 3000},
	}
	if got := bent(connected, silence, fit(connected, silence)); len(got) != 1 || !strings.Contains(got[0], "CPU of postgres") {
		t.Error(got)
	}
}

func TestTakes_doubtsWhatIsFarBelowNothing(t *testing.T) {
	m := &measuring{found: &costs.Costs{}}
	if a, b := m.takes("x", -500), m.takes("x", 300); a != 0 || b != 300 || m.found.Doubts != nil {
		t.Errorf("%g, %g, %q", a, b, m.found.Doubts)
	}
	if got := m.takes("y", -3600); got != 0 || len(m.found.Doubts) != 1 || !strings.Contains(m.found.Doubts[0], "y: 3600 octets") {
		t.Errorf("%g, %q", got, m.found.Doubts)
	}
}

func TestFurther_doubtsWhatDrownsInTheNoise(t *testing.T) {
	m := &measuring{found: &costs.Costs{Each: map[costs.Op]costs.Unit{}}}
	m.further(costs.Hear, "a message", costs.Unit{Chat: 40, Redis: 9, Postgres: 70, Bus: 400})
	if got := m.found.Each[costs.Hear]; got != (costs.Unit{Chat: 40, Redis: 9, Bus: 400}) || m.found.Doubts != nil {
		t.Errorf("%+v, %q", got, m.found.Doubts)
	}
	m.further(costs.Hear, "a message", costs.Unit{Chat: -20, Redis: 9, Bus: 400})
	if got := m.found.Each[costs.Hear]; got.Chat != 0 || len(m.found.Doubts) != 1 || !strings.Contains(m.found.Doubts[0], "CPU of chat for a message: -20 µs") {
		t.Errorf("%+v, %q", got, m.found.Doubts)
	}
}

func TestUsed_isWhatCameOnTop(t *testing.T) {
	u := used{Unit: costs.Unit{Match: 9000, Redis: 100}, seconds: 2}
	if got := u.each(10, costs.Unit{Match: 2000, Redis: 50}); got != (costs.Unit{Match: 500}) {
		t.Errorf("%+v", got)
	}
}

// A message to six costs what was measured, however little of it is found to be the deliveries'.
func TestTalked_splitsWhatAMessageToSixCosts(t *testing.T) {
	for alone, want := range map[float64]float64{110: 20, 220: 0} {
		six := talked{costs.Unit{Chat: 210, Postgres: 300, ToPeople: 3080}, 6}
		one := talked{costs.Unit{Chat: alone, Postgres: 280, ToPeople: 580}, 1}
		message, delivery := six.split(one)
		if delivery != (costs.Unit{Chat: want, ToPeople: 500}) || message != (costs.Unit{Chat: 210 - 6*want, Postgres: 290, ToPeople: 80}) {
			t.Errorf("%g for one: %+v, %+v", alone, message, delivery)
		}
	}
}

// The sixth of each six comes when all others are there, and two who come one after the
// other do not wait for the same film.
func TestRound_isSixForEachFilm(t *testing.T) {
	var r round
	film := map[*guest]int{}
	for i := range 18 {
		g := &guest{}
		r, film[g] = append(r, g), i/6
	}
	five, sixths := r.sixths()
	waiting := map[int]int{}
	for i, g := range five {
		if waiting[film[g]]++; i > 0 && film[g] == film[five[i-1]] {
			t.Errorf("the %d. comes for film %d, as the one before", i+1, film[g])
		}
	}
	for _, g := range sixths {
		if waiting[film[g]] != 5 {
			t.Errorf("for film %d wait %d", film[g], waiting[film[g]])
		}
		waiting[film[g]]++
	}
	if len(waiting) != 3 || len(sixths) != 3 {
		t.Error(waiting)
	}
}

func TestMeasure_streamsThatFitIntoWhatTheProcessHad(t *testing.T) {
	for octets, want := range map[float64]struct {
		takes float64
		doubt string
	}{
		1300:  {1300, ""},
		-300:  {0, "an event stream: none was seen"},
		-3600: {0, "an event stream: 3600 octets"},
	} {
		m := &meeting{measuring: &measuring{found: &costs.Costs{}}}
		m.streamTakes(octets)
		doubts := strings.Join(m.found.Doubts, "\n")
		if m.found.Memory.Stream != want.takes || (doubts == "") != (want.doubt == "") || !strings.Contains(doubts, want.doubt) || len(m.found.Doubts) > 1 {
			t.Errorf("%g: %g, %q", octets, m.found.Memory.Stream, doubts)
		}
	}
}
