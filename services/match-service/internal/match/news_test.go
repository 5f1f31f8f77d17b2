package match

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

func TestNews_after(t *testing.T) {
	now := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	persons := []matchapi.Person{{MemberID: "m1", Nickname: "one"}, {MemberID: "m2", Nickname: "two"}}
	line := &Line{MovieID: "film", Waiting: 2, Seated: persons}
	alone := State{Kind: matchapi.Waiting, Waiting: matchapi.WaitingState{MovieID: "film", Waiting: 1, Place: 1, Seats: 6, Seated: persons[1:]}}
	both := alone
	both.Waiting.Waiting, both.Waiting.Place, both.Waiting.Seated = 2, 2, persons
	elsewhere := alone
	elsewhere.Waiting.MovieID = "other"
	idle := State{Kind: matchapi.Idle, Reason: "cancelled"}
	for name, c := range map[string]struct {
		news   News
		before State
		want   State
	}{
		"a line moves a member of it":           {News{Line: line}, alone, both},
		"a line of another film moves nobody":   {News{Line: line}, elsewhere, elsewhere},
		"a line moves nobody who does not wait": {News{Line: line}, idle, idle},
		"a line without the member moves them not": {
			News{Line: &Line{MovieID: "film", Waiting: 1, Seated: persons[:1]}}, alone, alone},
		"a state replaces":            {News{State: &idle}, alone, idle},
		"a state, then a line":        {News{State: &alone, Line: line}, idle, both},
		"a state that no line is for": {News{State: &idle, Line: line}, alone, idle},
	} {
		t.Run(name, func(t *testing.T) {
			got, known := c.news.After(c.before, "m2", now)

			if !known || !cmp.Equal(got, c.want) {
				t.Errorf("known %v, %s", known, cmp.Diff(c.want, got))
			}
		})
	}
	if _, known := (News{Look: true}).After(alone, "m2", now); known {
		t.Error("news that must be looked at are taken as known")
	}
}

func TestNews_afterALineTellsTheETA(t *testing.T) {
	now := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	line := &Line{MovieID: "film", Waiting: 1, Seated: []matchapi.Person{{MemberID: "m"}}, Arrivals: Arrivals{Weight: 10, Since: now.Add(-time.Minute), Last: now, Count: 10}}
	before := State{Kind: matchapi.Waiting, Waiting: matchapi.WaitingState{MovieID: "film"}}

	got, _ := News{Line: line}.After(before, "m", now)

	want := line.Arrivals.ETASeconds(5, now)
	if want == nil || got.Waiting.ETASeconds == nil || *got.Waiting.ETASeconds != *want {
		t.Errorf("eta %v, want %v", got.Waiting.ETASeconds, want)
	}
}
