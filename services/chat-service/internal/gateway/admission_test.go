package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

// turnedAway expects that the next upgrade is refused with a problem that says when to
// come back.
func (w *world) turnedAway(what string, after time.Duration) {
	w.Helper()
	c, resp := stomptest.Dial(w, w.dialTo(), "/chat/ws", nil)
	if c != nil {
		w.Fatalf("%s: taken", what)
	}
	if got := resp.Header.Get("Retry-After"); resp.StatusCode != http.StatusServiceUnavailable || got != fmt.Sprint(after.Seconds()) || resp.Header.Get("Content-Type") != fault.ContentType {
		w.Errorf("%s: %s, Retry-After %q, %s", what, resp.Status, got, resp.Header.Get("Content-Type"))
	}
}

func TestAdmission_connections(t *testing.T) {
	limited(t, Limits{Connections: 2}, func(w *world) {
		a := w.connect(1)
		w.dial() // has not said CONNECT, and counts
		w.turnedAway("a third", retryFull)
		w.turnedAway("a refused one does not count", retryFull)
		a.Hangup()
		synctest.Wait()
		w.connect(2)
		w.turnedAway("a third again", retryFull)
	})
}

// A request that is no upgrade, or one from a foreign origin, takes no place.
func TestAdmission_whatIsNoUpgradeTakesNoPlace(t *testing.T) {
	limited(t, Limits{Connections: 1}, func(w *world) {
		for range 3 {
			if c, resp := stomptest.Dial(w, w.dialTo(), "/chat/ws", http.Header{"Origin": {"https://evil.example"}}); c != nil || resp.StatusCode != http.StatusForbidden {
				w.Fatal(resp.Status)
			}
		}
		w.connect(1)
	})
}

func TestAdmission_acceptsPerSecond(t *testing.T) {
	limited(t, Limits{Accepts: 5}, func(w *world) {
		for range 5 {
			w.dial()
		}
		w.turnedAway("a sixth at once", retryAccept)
		time.Sleep(199 * time.Millisecond)
		w.turnedAway("just before the next", retryAccept)
		time.Sleep(time.Millisecond)
		w.dial()
		w.turnedAway("the next is taken", retryAccept)
	})
}

func TestAdmission_memory(t *testing.T) {
	var used atomic.Uint64
	limited(t, Limits{Memory: &Memory{used: used.Load, limit: 100}}, func(w *world) {
		old := w.connect(1)
		use := func(n uint64) {
			used.Store(n)
			time.Sleep(sweepEvery)
			synctest.Wait()
		}
		use(100)
		w.dial()
		use(101)
		w.turnedAway("above the watermark", retryFull)
		old.Send("ACK", "", "id:x", "receipt:r")
		old.Want("RECEIPT") // those who are there are served
		use(100)
		w.dial()
	})
}

func TestMemory_isSomethingAndNeverScarceWithoutALimit(t *testing.T) {
	if used := usedMemory(); used == 0 || used > 1<<40 {
		t.Errorf("%d octets are used", used)
	}
	for _, m := range []*Memory{nil, NewMemory(0)} {
		if m.look(); m.scarce() {
			t.Error("scarce, though switched off")
		}
	}
}

// Beyond its pace a session is read more slowly; nothing is lost.
func TestFrames_beyondTheirPaceWait(t *testing.T) {
	limited(t, Limits{Frames: 10}, func(w *world) {
		c := w.connect(1)
		begin := time.Now()
		const acks = 10*frameBurst + 20 // CONNECT took one of the burst
		c.Raw(strings.Repeat("ACK\nid:x\nreceipt:r\n\n\x00", acks))
		var last time.Time
		for range acks {
			last = c.Want("RECEIPT").At
		}
		if took := last.Sub(begin); took != 2100*time.Millisecond {
			w.Errorf("%d frames took %v, want the 21 beyond the burst to take 100 ms each", acks, took)
		}
	})
}
