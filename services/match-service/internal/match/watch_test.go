package match

import (
	"testing"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

func TestWatchers_tellOnlyWhoIsConcerned(t *testing.T) {
	w := NewWatchers()
	a1, stopA1 := w.Watch("a")
	a2, stopA2 := w.Watch("a") // a second tab
	b, stopB := w.Watch("b")
	defer stopA2()
	defer stopB()

	w.Tell("a", News{Look: true})
	w.Tell("a", News{Look: true})
	w.Tell("nobody", News{Look: true})

	if !w.Here("a") || w.Here("nobody") {
		t.Error("a has streams here, nobody has none")
	}
	if len(a1) != 1 || len(a2) != 1 || len(b) != 0 {
		t.Errorf("told: %d, %d, %d, want 1, 1, 0", len(a1), len(a2), len(b))
	}
	stopA1()
	w.Missed()
	if len(b) != 1 || !(<-b).Look {
		t.Error("b was not made to look with all")
	}
}

func TestWatchers_forgetThoseWhoStop(t *testing.T) {
	w := NewWatchers()
	_, stop := w.Watch("a")

	stop()

	if len(w.news) != 0 || w.Here("a") {
		t.Errorf("%d members left, want 0", len(w.news))
	}
}

func TestWatchers_unreadNewsAddUp(t *testing.T) {
	idle, waiting := &State{Kind: matchapi.Idle}, &State{Kind: matchapi.Waiting}
	five, six, other := &Line{MovieID: "film", Waiting: 5}, &Line{MovieID: "film", Waiting: 6}, &Line{MovieID: "other"}
	for name, c := range map[string]struct {
		told []News
		want News
	}{
		"the last state":                     {[]News{{State: waiting}, {State: idle}}, News{State: idle}},
		"the last line":                      {[]News{{Line: five}, {Line: six}}, News{Line: six}},
		"a line on top of a state":           {[]News{{State: waiting}, {Line: six}}, News{State: waiting, Line: six}},
		"a state says more than any line":    {[]News{{Line: six}, {State: idle}}, News{State: idle}},
		"a look still to be made":            {[]News{{Look: true}, {Line: six}}, News{Look: true}},
		"a state makes a look needless":      {[]News{{Look: true}, {State: idle}}, News{State: idle}},
		"a look at what came after a state":  {[]News{{State: idle}, {Look: true}}, News{Look: true}},
		"lines of two films are looked at":   {[]News{{Line: six}, {Line: other}}, News{Look: true}},
		"a second line of a state's own sum": {[]News{{State: waiting}, {Line: five}, {Line: six}}, News{State: waiting, Line: six}},
	} {
		t.Run(name, func(t *testing.T) {
			w := NewWatchers()
			c1, stop := w.Watch("m")
			defer stop()

			for _, n := range c.told {
				w.Tell("m", n)
			}

			if got := <-c1; got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
