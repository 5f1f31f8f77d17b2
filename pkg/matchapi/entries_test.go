package matchapi

import (
	"testing"
	"time"
)

// fields are what a Redis client reads of an entry.
func fields(e Entry) map[string]any {
	values, m := e.Values(), map[string]any{}
	for i := 0; i < len(values); i += 2 {
		m[values[i]] = values[i+1]
	}
	return m
}

func TestEntry_survivesTheStream(t *testing.T) {
	at := time.Date(2026, 11, 23, 20, 0, 0, 7e6, time.UTC)
	for _, e := range []Entry{
		{Kind: KindEntered, EntryID: "e1", At: at, RoomID: "r", Seat: 6, Generation: 2, MemberID: "m"},
		{Kind: KindHeartbeat, EntryID: "e2", At: at},
	} {
		got, err := ParseEntry(fields(e))

		if err != nil || got != e {
			t.Errorf("got %+v, %v, want %+v", got, err, e)
		}
	}
}

func TestParseEntry_passesOverFieldsItDoesNotKnow(t *testing.T) {
	m := fields(Entry{Kind: KindHeartbeat, EntryID: "e", At: time.UnixMilli(1)})
	m["node"] = "a"

	if _, err := ParseEntry(m); err != nil {
		t.Error(err)
	}
}

func TestParseEntry_refusesWhatIsNone(t *testing.T) {
	good := Entry{Kind: KindEntered, EntryID: "e", RoomID: "r", Seat: 1, Generation: 1, MemberID: "m"}
	for what, spoil := range map[string]func(map[string]any){
		"no kind":          func(m map[string]any) { delete(m, fieldKind) },
		"unknown kind":     func(m map[string]any) { m[fieldKind] = "moved" },
		"no member":        func(m map[string]any) { delete(m, fieldMember) },
		"a seat of letter": func(m map[string]any) { m[fieldSeat] = "x" },
		"a seat of none":   func(m map[string]any) { m[fieldSeat] = "7" },
		"no generation":    func(m map[string]any) { m[fieldGeneration] = "0" },
		"a NUL":            func(m map[string]any) { m[fieldMember] = "m\x00" },
		"no time":          func(m map[string]any) { delete(m, fieldAt) },
	} {
		m := fields(good)
		spoil(m)

		if _, err := ParseEntry(m); err == nil {
			t.Errorf("%s was accepted", what)
		}
	}
}
