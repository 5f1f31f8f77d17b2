package match_test

import (
	"context"
	"flag"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"
)

// fewChecks is how often the properties are checked where nobody asks for more with
// -rapid.checks: each takes up to two seconds, and everybody runs these tests.
const fewChecks = "10"

// TestProperties_onMiniredis interleaves at random what members, time and misfortune do,
// and then asks whether anybody was lost or seated twice. More of it:
//
//	go test ./internal/match -run Properties -rapid.checks=1000
func TestProperties_onMiniredis(t *testing.T) {
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	t.Cleanup(func() { _ = rdb.Close() })
	checkProperties(t, rdb)
}

func checkProperties(t *testing.T, rdb redis.UniversalClient) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		if err := f.Value.Set(fewChecks); err != nil {
			t.Fatal(err)
		}
	}
	db := newDatabase(t)
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		w := newWorld(rt, db, rdb, runs)
		defer w.end()
		rt.Repeat(map[string]func(*rapid.T){
			"join":        w.join,
			"crowd joins": w.crowd,
			"crowd again": w.crowd, // often enough that rooms are made
			"read":        w.read,
			"leave":       w.leave,
			"enter":       w.enter,
			"all enter":   w.allEnter,
			"pass":        w.pass,
			"live":        w.live,
			"live on":     w.live, // often enough that seats are given on
			"sweep":       w.sweep,
			"misfortune":  w.misfortune,
			"":            w.check,
		})
		w.settle()
		w.check(rt)
		w.checkNobodyIsLost()
	})
}

func (w *world) draw(rt *rapid.T) (*person, *mortal) {
	p := rapid.SampledFrom(w.people).Draw(rt, "member")
	return p, w.node(rt)
}

// node is a node that may die in the middle of what it is asked for.
func (w *world) node(rt *rapid.T) *mortal {
	left := -1
	if rapid.IntRange(0, 9).Draw(rt, "dies") == 0 {
		left = rapid.IntRange(0, 9).Draw(rt, "moments")
	}
	w.mortal.left = left
	return w.mortal
}

func (w *world) wish(rt *rapid.T) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(w.films), 1, 3, rapid.ID[string]).Draw(rt, "films")
}

func (w *world) join(rt *rapid.T) {
	p, _ := w.draw(rt)
	w.putQueue(p, w.wish(rt))
}

// crowd lets some members join the same film, one after the other.
func (w *world) crowd(rt *rapid.T) {
	first, n := rapid.IntRange(0, crowd-1).Draw(rt, "first"), rapid.IntRange(2, 8).Draw(rt, "members")
	films := w.wish(rt)
	for i := range n {
		w.node(rt)
		w.putQueue(w.people[(first+i)%crowd], films)
		w.now = w.now.Add(time.Millisecond)
	}
}

func (w *world) read(rt *rapid.T) {
	p, _ := w.draw(rt)
	w.getQueue(p)
}

func (w *world) leave(rt *rapid.T) {
	p, _ := w.draw(rt)
	w.deleteQueue(p)
}

func (w *world) enter(rt *rapid.T) {
	p, _ := w.draw(rt)
	w.enterRoom(p)
}

// allEnter lets all enter who were matched, but for one or two.
func (w *world) allEnter(rt *rapid.T) {
	late := rapid.IntRange(0, crowd-1).Draw(rt, "late")
	for i, p := range w.people {
		if i != late {
			w.enterRoom(p)
		}
	}
}

func (w *world) pass(rt *rapid.T) {
	ms := rapid.SampledFrom([]int{1, 500, 1999, 2001, 5000, 30_001, 60_000}).Draw(rt, "ms")
	w.now = w.now.Add(time.Duration(ms) * time.Millisecond)
}

// live lets up to half a minute pass in which streams are open and nodes sweep, and in
// which chat-service is heard or not.
func (w *world) live(rt *rapid.T) {
	heard := rapid.IntRange(0, 3).Draw(rt, "feed") > 0
	for range rapid.IntRange(1, 12).Draw(rt, "steps") {
		w.now = w.now.Add(2500 * time.Millisecond)
		if heard {
			w.chat.beat(w.now)
		}
		w.sweep(rt)
		for _, p := range w.stillHere() {
			w.node(rt)
			w.getQueue(p)
		}
	}
}

func (w *world) sweep(rt *rapid.T) {
	w.node(rt)
	_ = w.service.Sweep(context.Background()) // a node may die sweeping
}

// misfortune lets Redis lose everything, now and then.
func (w *world) misfortune(rt *rapid.T) {
	if rapid.IntRange(0, 2).Draw(rt, "flush") == 0 {
		w.must(w.rdb.FlushAll(context.Background()).Err())
	}
}
