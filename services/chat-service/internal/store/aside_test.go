package store

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sixseat/sixseat/pkg/fault"
)

// While somebody holds a room, its posts wait, and those of a transaction that needs it,
// and those behind that. Nobody else does, and when the room is free all come in order.
func TestJournal_onlyTheLockedRoomWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		held := time.Now().Add(3 * time.Second)
		c, a := &commits{takes: time.Millisecond, holds: func(room string) bool { return room == "held" && time.Now().Before(held) }}, newAnswers()
		j := start(t, c)
		begin := time.Now()
		a.append(j, "first", 1)
		synctest.Wait()
		a.appendTo(j, "a", "held") // this and the next ones are one batch
		a.appendTo(j, "b", "free")
		a.appendTo(j, "both", "other", "held")
		a.appendTo(j, "c", "other")
		time.Sleep(time.Second)
		a.appendTo(j, "d", "held")
		a.appendTo(j, "e", "free")
		a.appendTo(j, "f", "other")
		j.Close()

		a.check(t, "a", "b", "both", "c", "d", "e", "f")
		for _, name := range []string{"b", "e"} {
			if took := a.at[name].Sub(begin); took > time.Second+50*time.Millisecond || a.errs[name] != nil {
				t.Errorf("%s, for another room, was told %v after %v", name, a.errs[name], took)
			}
		}
		if diff := cmp.Diff(c.order, []string{"first/0", "b/0", "e/0", "a/0", "both/0", "both/1", "c/0", "d/0", "f/0"}); diff != "" {
			t.Error(diff)
		}
	})
}

func TestJournal_givesUpARoomThatStaysLocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a := &commits{holds: func(room string) bool { return room == "held" }}, newAnswers()
		j := start(t, c)
		begin := time.Now()
		for i := range maxQueued / 100 {
			rooms := make([]string, 100)
			for r := range rooms {
				rooms[r] = "held"
			}
			a.appendTo(j, fmt.Sprint(i), rooms...)
		}
		a.append(j, "too many", 1)
		j.Close()

		if took := time.Since(begin); took < retryFor || took > retryFor+asideRetry {
			t.Errorf("given up after %v", took)
		}
		for i := range maxQueued / 100 {
			if name := fmt.Sprint(i); !fault.Is(a.errs[name], fault.Unavailable) {
				t.Errorf("%s was told %v", name, a.errs[name])
			}
		}
		if len(a.refuse) != 1 || len(c.order) != 0 {
			t.Errorf("%d stored; what waits aside must keep its place: %v", len(c.order), a.refuse)
		}
	})
}
