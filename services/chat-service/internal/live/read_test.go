package live

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
)

func (w *world) wantWrites(t *testing.T, what string, writes ...string) {
	t.Helper()
	synctest.Wait()
	w.shelf.mu.Lock()
	defer w.shelf.mu.Unlock()
	if !slices.Equal(w.shelf.writes, writes) {
		t.Errorf("%s: written %q, want %q", what, w.shelf.writes, writes)
	}
}

// read asks to store a mark and returns where the answer will be.
func (w *world) read(t *testing.T, node int, name string, seq int64) <-chan error {
	t.Helper()
	answer := make(chan error, 1)
	if err := w.nodes[node].Read("room", someone(name), seq, func(err error) { answer <- err }); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestRead_isWrittenAtMostOnceASecondForAll(t *testing.T) {
	bubble(t, 1, func(t *testing.T, w *world) {
		begin := time.Now()
		w.read(t, 0, "a", 1)
		time.Sleep(50 * time.Millisecond)
		for i := range 30 { // three seconds
			w.read(t, 0, "a", int64(i+2))
			w.read(t, 0, "b", int64(100-i))
			time.Sleep(100 * time.Millisecond)
		}
		w.wantWrites(t, "written", "a:1", "a:11 b:100", "a:21 b:90", "a:31 b:80")
		w.shelf.mu.Lock()
		defer w.shelf.mu.Unlock()
		if first := w.shelf.at[0].Sub(begin); first != 0 {
			t.Errorf("the first is written after %v", first)
		}
		for i, at := range w.shelf.at[1:] {
			if gap := at.Sub(w.shelf.at[i]); gap != writeEvery {
				t.Errorf("write %d comes %v after the one before", i+1, gap)
			}
		}
	})
}

func TestRead_isToldOnAllNodesWhenItRises(t *testing.T) {
	bubble(t, 2, func(t *testing.T, w *world) {
		near, _ := w.listen(t, 0, "a")
		far, _ := w.listen(t, 1, "b")
		near.take()
		far.take()
		for _, seq := range []int64{5, 4, 5, 7} {
			if err := <-w.read(t, 0, "a", seq); err != nil {
				t.Fatal(err)
			}
		}
		want(t, "near", near, "read a 5", "read a 7")
		want(t, "far", far, "read a 5", "read a 7")
	})
}

func TestRead_isTriedAgainUntilItIsWritten(t *testing.T) {
	bubble(t, 1, func(t *testing.T, w *world) {
		e, _ := w.listen(t, 0, "a")
		e.take()
		w.shelf.takeAway(fault.New(fault.Unavailable, "away"))
		if err := <-w.read(t, 0, "a", 5); !fault.Is(err, fault.Unavailable) {
			t.Errorf("the one who waits is told %v", err)
		}
		if err := <-w.read(t, 0, "b", 3); !fault.Is(err, fault.Unavailable) {
			t.Errorf("the one who waits is told %v", err)
		}
		if err := <-w.read(t, 0, "b", 2); !fault.Is(err, fault.Unavailable) {
			t.Errorf("the one who waits is told %v", err)
		}
		time.Sleep(time.Minute)
		want(t, "while it is away", e)
		w.shelf.takeAway(nil)
		time.Sleep(2 * time.Second)
		w.wantWrites(t, "back", "a:5 b:3")
		if told := e.take(); told != "read a 5, read b 3" {
			t.Error("told", told)
		}
	})
}

func TestRead_whatCannotBeStoredIsDropped(t *testing.T) {
	bubble(t, 1, func(t *testing.T, w *world) {
		w.shelf.takeAway(errors.New("no such column"))
		if err := <-w.read(t, 0, "a", 5); err == nil {
			t.Error("it was called stored")
		}
		w.shelf.takeAway(nil)
		time.Sleep(time.Minute)
		w.wantWrites(t, "later")
	})
}

func TestRead_tooManyAreRefused(t *testing.T) {
	bubble(t, 1, func(t *testing.T, w *world) {
		w.shelf.takeAway(fault.New(fault.Unavailable, "away"))
		for i := range maxMarks {
			w.read(t, 0, fmt.Sprint(i), 1)
		}
		if err := w.nodes[0].Read("room", someone("one more"), 1, nil); !fault.Is(err, fault.Unavailable) || fault.From(err).RetryAfter != writeEvery {
			t.Errorf("got %v", err)
		}
		w.read(t, 0, "7", 2) // has its place
	})
}

func TestClose_writesWhatWaits(t *testing.T) {
	bubble(t, 1, func(t *testing.T, w *world) {
		<-w.read(t, 0, "a", 1)
		answer := w.read(t, 0, "a", 2)
		w.stops[0]()
		w.nodes[0].Close()
		if err := <-answer; err != nil {
			t.Error(err)
		}
		w.wantWrites(t, "at the end", "a:1", "a:2")
	})
}
