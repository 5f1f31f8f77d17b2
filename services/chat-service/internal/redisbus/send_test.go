package redisbus

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

func TestQueue_isBoundedInItemsAndOctets(t *testing.T) {
	q := newQueue()
	for i := range maxQueued {
		if !q.push(item{"room", 'm', nil}) {
			t.Fatalf("item %d does not fit", i)
		}
	}
	if q.push(item{"room", 'm', nil}) {
		t.Error("one more than the limit fits")
	}
	if n := len(q.take(time.Now())); n != maxQueued {
		t.Errorf("%d items taken", n)
	}
	half := make([]byte, maxQueuedBytes/2)
	for range 2 {
		if !q.push(item{"room", 'm', half}) {
			t.Error("a half does not fit")
		}
	}
	if q.push(item{"room", 'm', half[:1]}) {
		t.Error("one octet more than the limit fits")
	}
}

// unsent is a bus whose queue nobody takes from.
func unsent() *Bus {
	b := New(nil, slog.New(slog.DiscardHandler))
	b.attach(&line{bus: b, wake: make(chan struct{}, 1)})
	return b
}

func TestFlush_sendsAtOnceUnlessTooSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := unsent()
		due := func() bool { return len(b.queue.wake) == 1 && len(b.queue.flushed) == 1 }
		took := func() int { return len(b.queue.take(time.Now())) }
		commit := func() {
			b.Hold("room", 'm', nil)
			if due() {
				t.Error("what is held is due before the flush")
			}
			b.Flush()
		}

		if b.Flush(); due() {
			t.Error("nothing is due")
		}
		if commit(); !due() || took() != 1 || due() {
			t.Error("the first flush does not send, or sends twice")
		}
		time.Sleep(pace - 1)
		for range 2 {
			if commit(); due() {
				t.Error("a flush within pace sends")
			}
		}
		time.Sleep(time.Nanosecond)
		if commit(); !due() || took() != 3 {
			t.Error("one after pace does not")
		}
		if took() != 0 || due() {
			t.Error("something is left")
		}
		time.Sleep(pace)
		if commit(); !due() || took() != 1 {
			t.Error("it counts as a pipeline that nothing was taken")
		}
	})
}

func TestHold_sendsWhenThereIsEnough(t *testing.T) {
	b := unsent()
	for range enough {
		if len(b.queue.wake) != 0 {
			t.Fatal("less than enough wakes the sender")
		}
		b.Hold("room", 'm', nil)
	}
	if len(b.queue.wake) != 1 {
		t.Error("enough does not wake the sender")
	}
}

func TestGather_waitsForTheFlushOrLinger(t *testing.T) {
	for flushed, want := range map[bool]time.Duration{false: linger, true: 0} {
		synctest.Test(t, func(t *testing.T) {
			b := unsent()
			b.Send("room", 'm', nil)
			if flushed {
				b.Flush()
			}
			began := time.Now()
			if b.gather(t.Context()); time.Since(began) != want {
				t.Errorf("flushed: %v: it waited %v, want %v", flushed, time.Since(began), want)
			}
		})
	}
}
