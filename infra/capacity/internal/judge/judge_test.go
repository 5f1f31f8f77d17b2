package judge

import (
	"maps"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// scene is a room with two listeners, whose first seq that counts is 7, and three sayings.
func scene() (j *Judge, r *Room, a, b *Listener) {
	j = &Judge{}
	r = j.Room("r", 6)
	a, b = r.Listen(6), r.Listen(6)
	for i := range 3 {
		r.Say(noon.Add(time.Duration(i)))
	}
	return j, r, a, b
}

// flawless is what happens when all is well: the three are seq 7 to 9.
func flawless(r *Room, listeners ...*Listener) {
	for n := 1; n <= 3; n++ {
		r.Receipted(n, int64(6+n))
		for _, l := range listeners {
			l.Heard(int64(6+n), n)
		}
	}
}

func TestJudge_findsEachBrokenPromise(t *testing.T) {
	for what, c := range map[string]struct {
		happens func(r *Room, a, b *Listener)
		want    map[Rule]int64
	}{
		"nothing": {func(r *Room, a, b *Listener) { flawless(r, a, b) }, nil},
		"the server's own messages between": {func(r *Room, a, b *Listener) {
			flawless(r, a, b)
			a.Heard(10, Server)
			b.Heard(10, Server)
		}, nil},
		"heard before the receipt": {func(r *Room, a, b *Listener) {
			for _, l := range []*Listener{a, b} {
				for n := 1; n <= 3; n++ {
					l.Heard(int64(6+n), n)
				}
			}
			flawless(r)
		}, nil},
		"one listener misses one": {func(r *Room, a, b *Listener) {
			flawless(r, a)
			b.Heard(7, 1)
			b.Heard(9, 3)
		}, map[Rule]int64{Lost: 1}},
		"one listener misses the last two": {func(r *Room, a, b *Listener) {
			flawless(r, a)
			b.Heard(7, 1)
		}, map[Rule]int64{Lost: 2}},
		"the last is receipted and nobody hears it": {func(r *Room, a, b *Listener) {
			flawless(r)
			for _, l := range []*Listener{a, b} {
				l.Heard(7, 1)
				l.Heard(8, 2)
			}
		}, map[Rule]int64{Lost: 3}}, // the saying, and each listener's
		"heard twice": {func(r *Room, a, b *Listener) {
			flawless(r, a, b)
			b.Heard(8, 2)
		}, map[Rule]int64{Twice: 1}},
		"stored twice": {func(r *Room, a, b *Listener) {
			flawless(r, a, b)
			r.Say(noon)
			r.Unknown(4)
			for _, l := range []*Listener{a, b} {
				l.Heard(10, 4)
				l.Heard(11, 4)
			}
		}, map[Rule]int64{Twice: 1}},
		"receipted twice": {func(r *Room, a, b *Listener) {
			flawless(r, a, b)
			r.Receipted(2, 8)
		}, map[Rule]int64{Twice: 1}},
		"out of order": {func(r *Room, a, b *Listener) {
			flawless(r, a)
			b.Heard(7, 1)
			b.Heard(9, 3)
			b.Heard(8, 2)
		}, map[Rule]int64{Disorder: 1}},
		"another order for each": {func(r *Room, a, b *Listener) {
			flawless(r, a)
			b.Heard(7, 2)
			b.Heard(8, 1)
			b.Heard(9, 3)
		}, map[Rule]int64{Different: 2}},
		"a receipt that names another seq": {func(r *Room, a, b *Listener) {
			r.Receipted(1, 8)
			r.Receipted(2, 7)
			r.Receipted(3, 9)
			for _, l := range []*Listener{a, b} {
				for n := 1; n <= 3; n++ {
					l.Heard(int64(6+n), n)
				}
			}
		}, map[Rule]int64{Different: 2}},
		"a receipt that comes later and names another seq": {func(r *Room, a, b *Listener) {
			for _, l := range []*Listener{a, b} {
				for n := 1; n <= 3; n++ {
					l.Heard(int64(6+n), n)
				}
			}
			r.Receipted(1, 7)
			r.Receipted(2, 8)
			r.Receipted(3, 7)
		}, map[Rule]int64{Different: 1, Lost: 1}},
		"what nobody said": {func(r *Room, a, b *Listener) {
			flawless(r, a, b)
			a.Heard(10, 4)
			b.Heard(10, 4)
		}, map[Rule]int64{Unsaid: 1}},
		"a receipt for what nobody said": {func(r *Room, a, b *Listener) {
			flawless(r, a, b)
			r.Receipted(4, 9)
		}, map[Rule]int64{Unsaid: 1}},
		"no answer": {func(r *Room, a, b *Listener) {
			flawless(r, a, b)
			r.Say(noon)
		}, map[Rule]int64{Unanswered: 1}},
		"refused and shown": {func(r *Room, a, b *Listener) {
			flawless(r, a, b)
			r.Say(noon)
			r.Refused(4)
			a.Heard(10, 4)
			b.Heard(10, 4)
		}, map[Rule]int64{Refused: 1}},
		"refused, and unknown": {func(r *Room, a, b *Listener) {
			flawless(r, a, b)
			r.Say(noon)
			r.Say(noon)
			r.Refused(4)
			r.Unknown(5)
		}, nil},
		"one left and missed the rest": {func(r *Room, a, b *Listener) {
			flawless(r, a)
			b.Heard(7, 1)
			b.Leave(7)
			b.Leave(9)
		}, nil},
		"one left as if all were heard, and nothing had come at the end": {func(r *Room, a, b *Listener) {
			flawless(r, a)
			b.Heard(7, 1)
			b.Leave(a.Due())
		}, map[Rule]int64{Lost: 2}},
		"the last of all were receipted, and nobody heard them": {func(r *Room, a, b *Listener) {
			flawless(r, a, b)
			r.Say(noon)
			r.Receipted(4, 10)
			a.Leave(a.Due())
			b.Leave(0)
		}, map[Rule]int64{Lost: 2}}, // the listener's, and the saying's

		"one left who had missed one": {func(r *Room, a, b *Listener) {
			flawless(r, a)
			b.Heard(8, 2)
			b.Leave(8)
		}, map[Rule]int64{Lost: 1}},
		"a history that is the same": {func(r *Room, a, b *Listener) {
			flawless(r, a, b)
			r.Read(8, 2)
		}, nil},
		"a history that is another": {func(r *Room, a, b *Listener) {
			flawless(r, a, b)
			r.Read(8, 3)
		}, map[Rule]int64{Different: 1}},
		"a seq from nowhere": {func(r *Room, a, b *Listener) {
			flawless(r, a, b)
			a.Heard(1<<40, 1)
		}, map[Rule]int64{Unsaid: 1, Lost: 1<<40 - 10 + maxUnsaid}},
	} {
		t.Run(what, func(t *testing.T) {
			j, r, a, b := scene()
			c.happens(r, a, b)
			if got := j.Close(); !maps.Equal(got.Broken, c.want) {
				t.Errorf("found %v, want %v\n%v", got.Broken, c.want, got.Examples)
			}
		})
	}
}

func TestListener_tellsWhenWhatItHeardWasDue(t *testing.T) {
	_, _, a, _ := scene()
	if due, ok := a.Heard(7, 1); !ok || !due.Equal(noon) {
		t.Errorf("%v, %v", due, ok)
	}
	if _, ok := a.Heard(7, 1); ok {
		t.Error("what came twice has a latency")
	}
	if _, ok := a.Heard(8, Server); ok {
		t.Error("what nobody said has a latency")
	}
	if got := a.Seen(); got != 8 {
		t.Errorf("seen up to %d, want 8", got)
	}
}

func TestJudge_isSettledWhenAllIsAnsweredAndHeard(t *testing.T) {
	j, r, a, b := scene()
	if j.Settled() {
		t.Error("settled with three sayings open")
	}
	flawless(r, a)
	if j.Settled() || b.Whole() {
		t.Error("settled before everybody heard everything")
	}
	for n := 1; n <= 3; n++ {
		b.Heard(int64(6+n), n)
	}
	if !j.Settled() || !b.Whole() {
		t.Error("not settled")
	}
}

func TestJudge_tellsFewInFull(t *testing.T) {
	j, r, a, b := scene()
	flawless(r, a, b)
	for range examplesKept + 5 {
		a.Heard(7, 1)
	}
	v := j.Close()
	if len(v.Examples) != examplesKept || v.Total() != examplesKept+5 || j.Broken() != v.Total() {
		t.Errorf("%d examples of %d findings", len(v.Examples), v.Total())
	}
}

// A server without an order: two hear the same in different order, and what is lost or
// comes twice is found all the same.
func TestJudge_unordered(t *testing.T) {
	j := &Judge{Unordered: true}
	r := j.Room("r", 0)
	a, b := r.Listen(0), r.Listen(0)
	for n := 1; n <= 4; n++ {
		r.Say(noon)
		r.Receipted(n, int64(n))
	}
	for _, n := range []int{2, 1, 4, 3, 3} {
		a.Heard(int64(n), n)
	}
	for _, n := range []int{1, 3, 4} {
		b.Heard(int64(n), n)
	}
	if got, want := j.Close().Broken, map[Rule]int64{Twice: 1, Lost: 1}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
