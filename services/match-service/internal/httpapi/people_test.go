package httpapi

import (
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/limit"
)

func testLimits(joins, streams, members int) Limits {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	return NewLimits(limit.New(nil, func() time.Time { return noon }, slog.New(slog.DiscardHandler)), joins, streams, members)
}

func TestLimits_refuseAThirdJoinInAMinute(t *testing.T) {
	l := testLimits(2, 0, 0)
	for n, want := range []bool{true, true, false} {
		if err := l.join(t.Context(), "m"); (err == nil) != want || err != nil && fault.From(err).RetryAfter != 30*time.Second {
			t.Errorf("join %d: %v", n+1, err)
		}
	}
	if err := l.join(t.Context(), "another"); err != nil {
		t.Error(err)
	}
}

func TestLimits_refuseAFifthStreamUntilOneIsClosed(t *testing.T) {
	l := testLimits(0, 4, 0)
	var slots []streamSlot
	for _, name := range []string{"1", "2", "3", "4"} {
		s, err := l.openStream(t.Context(), "m", name)
		if err != nil {
			t.Fatal(err)
		}
		slots = append(slots, s)
	}
	if _, err := l.openStream(t.Context(), "m", "5"); !fault.Is(err, fault.TooMany) {
		t.Error("fifth:", err)
	}
	slots[0].release(t.Context())
	if _, err := l.openStream(t.Context(), "m", "5"); err != nil {
		t.Error("after one was closed:", err)
	}
}

func TestLimits_refuseAFourthNewMemberWhateverItClaimsToBe(t *testing.T) {
	l := testLimits(0, 0, 3)
	for n, claimed := range []string{"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"} {
		r := httptest.NewRequest("POST", "/match/members", nil)
		r.Header.Set("X-Forwarded-For", claimed+", 203.0.113.7")
		if err := l.newMember(r); (err == nil) != (n < 3) {
			t.Errorf("member %d: %v", n+1, err)
		}
	}
}
