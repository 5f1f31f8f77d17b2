package judge

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// told is a room of members m<first> and the five after it, as its k-th (from 0) is told.
func told(first, k int) *matchapi.MatchedState {
	s := &matchapi.MatchedState{Seat: k + 1, Generation: 1, Room: matchapi.Room{RoomID: fmt.Sprintf("room%d", first)}}
	for i := range matchapi.Seats {
		s.Room.Seats = append(s.Room.Seats, matchapi.Seat{Seat: i + 1, MemberID: fmt.Sprintf("m%d", first+i)})
	}
	return s
}

func TestMatches_findsEachBrokenPromise(t *testing.T) {
	tell := func(m *Matches, k int, change func(s *matchapi.MatchedState)) {
		s := told(0, k)
		if change != nil {
			change(s)
		}
		m.Told(fmt.Sprintf("m%d", k), s, noon)
	}
	// few tells the first n of the six.
	few := func(m *Matches, n int) {
		for k := range n {
			tell(m, k, nil)
		}
	}
	for what, c := range map[string]struct {
		happens func(m *Matches)
		want    map[Rule]int64
	}{
		"nothing":                    {func(m *Matches) { few(m, 6) }, nil},
		"told again":                 {func(m *Matches) { few(m, 6); few(m, 6) }, nil},
		"one of the six is not told": {func(m *Matches) { few(m, 5) }, map[Rule]int64{Untold: 1}},
		"one of the six gave up":     {func(m *Matches) { few(m, 5); m.GaveUp("m5") }, nil},
		"a seat was given on": {func(m *Matches) {
			few(m, 5)
			s := told(0, 5)
			s.Generation, s.Room.Seats[5].MemberID = 2, "m6"
			m.Told("m6", s, noon)
		}, nil},
		"two rooms": {func(m *Matches) {
			few(m, 6)
			m.Told("m1", told(1, 0), noon)
		}, map[Rule]int64{Elsewhere: 1}},
		"another six": {func(m *Matches) {
			few(m, 5)
			tell(m, 5, func(s *matchapi.MatchedState) { s.Room.Seats[0].MemberID = "m6" })
		}, map[Rule]int64{Elsewhere: 1}},
		"five": {func(m *Matches) {
			few(m, 5)
			tell(m, 5, func(s *matchapi.MatchedState) { s.Room.Seats = s.Room.Seats[1:] })
		}, map[Rule]int64{NotSix: 1}},
		"one on two seats": {func(m *Matches) {
			few(m, 5)
			tell(m, 5, func(s *matchapi.MatchedState) { s.Room.Seats[0].MemberID = "m1" })
		}, map[Rule]int64{NotSix: 1}},
		"seat seven": {func(m *Matches) {
			few(m, 5)
			tell(m, 5, func(s *matchapi.MatchedState) { s.Room.Seats[0].Seat = 7 })
		}, map[Rule]int64{NotSix: 1}},
		"somebody else's seat": {func(m *Matches) {
			few(m, 5)
			tell(m, 5, func(s *matchapi.MatchedState) { s.Seat = 1 })
		}, map[Rule]int64{NotSix: 1}},
		"a stranger is told": {func(m *Matches) {
			few(m, 6)
			m.Told("x", told(0, 0), noon)
		}, map[Rule]int64{Stranger: 1}},
		"a stranger is seated": {func(m *Matches) { few(m, 6); m.Told("m6", told(6, 0), noon) }, map[Rule]int64{Stranger: 5}},
		"six wait":             {func(*Matches) {}, map[Rule]int64{Forgotten: 6}},
	} {
		t.Run(what, func(t *testing.T) {
			var m Matches
			for i := range 6 {
				m.Join(fmt.Sprintf("m%d", i), "film", noon)
			}
			m.Join("m6", "other film", noon)
			c.happens(&m)
			if got := m.Close(); !maps.Equal(got.Broken, c.want) {
				t.Errorf("found %v, want %v\n%v", got.Broken, c.want, got.Examples)
			}
		})
	}
}

func TestMatches_tellsHowLongTheSixthWaited(t *testing.T) {
	var m Matches
	for i := range 6 {
		m.Join(fmt.Sprintf("m%d", i), "film", noon.Add(time.Duration(i)*time.Second))
	}
	if m.Settled() {
		t.Error("settled while six wait")
	}
	for k := range 6 {
		took, complete := m.Told(fmt.Sprintf("m%d", k), told(0, k), noon.Add(10*time.Second-time.Duration(k)*time.Millisecond))
		if m.Settled() != (k == 5) {
			t.Errorf("settled after %d of six were told: %v", k+1, m.Settled())
		}
		if complete != (k == 5) || complete && took != 5*time.Second {
			t.Errorf("%d: %v, %v", k, took, complete)
		}
	}
	if !m.Settled() || m.Broken() != 0 {
		t.Error("not settled, or not clean")
	}
}
