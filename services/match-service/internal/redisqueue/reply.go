package redisqueue

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/wire"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// reply is the JSON that steps answer; common.lua, sweep.lua and compare.lua say when which
// field is set.
type reply struct {
	View    *view    `json:"view"`
	Line    *line    `json:"line"`
	Resumed int64    `json:"resumed"` // ms
	Made    *made    `json:"made"`
	Expired []string `json:"expired"`
	Claimed []made   `json:"claimed"`
	More    bool     `json:"more"`
	Length  int64    `json:"length"`
	NoShows int      `json:"noShows"`
	Upto    int64    `json:"upto"` // ms
	Feed    bool     `json:"feed"`
	Audit   bool     `json:"audit"`
	Missing []string `json:"missing"`
}

type view struct {
	State      string   `json:"state"`
	Reason     string   `json:"reason"`
	MovieID    string   `json:"movieId"`
	MovieIDs   []string `json:"movieIds"`
	JoinedAt   int64    `json:"joinedAt"` // ms
	RoomJSON   string   `json:"room"`
	Seat       int      `json:"seat"`
	Generation int      `json:"generation"`
	Entered    bool     `json:"entered"`

	// What the line of their film does not say of who waits: the place of one who is not in
	// it; all of it of one who has been taken out of the queue, or in news of a node of an
	// earlier release.
	Waiting  int               `json:"waiting"`
	Place    int               `json:"place"`
	Seated   []matchapi.Person `json:"seated"`
	Arrivals arrivals          `json:"arrivals"`

	room matchapi.Room // of RoomJSON
}

// line is how the queue of a film looks, see look_of in view.lua.
type line struct {
	MovieID  string   `json:"movieId"`
	Waiting  int      `json:"waiting"`
	Standing []string `json:"standing"` // "<memberId> <nickname>"
	Arrivals arrivals `json:"arrivals"`

	seated []matchapi.Person // of Standing
}

// people are those who stand in it, who waits longest first; nil when nobody does.
func (l *line) people() []matchapi.Person {
	if l.seated == nil && len(l.Standing) > 0 {
		l.seated = make([]matchapi.Person, len(l.Standing))
		for i, s := range l.Standing {
			l.seated[i].MemberID, l.seated[i].Nickname, _ = strings.Cut(s, " ")
		}
	}
	return l.seated
}

// read reads the answer of a step.
func read(text string) (reply, error) {
	var r reply
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return reply{}, fmt.Errorf("read the answer of a queue step: %w", err)
	}
	return r, r.View.decode()
}

// arrivals is a text in the queue, see arrive in common.lua; empty: none yet.
type arrivals match.Arrivals

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *arrivals) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	fields := strings.Fields(string(text))
	if len(fields) != 4 {
		return fmt.Errorf("read arrivals from the queue: %q has %d fields, want 4", text, len(fields))
	}
	weight, bad := strconv.ParseFloat(fields[0], 64)
	var numbers [3]int64
	for i := range numbers {
		n, err := strconv.ParseInt(fields[i+1], 10, 64)
		numbers[i], bad = n, errors.Join(bad, err)
	}
	if bad != nil {
		return fmt.Errorf("read arrivals from the queue: %w", bad)
	}
	a.Weight, a.Since, a.Last, a.Count = weight, time.UnixMilli(numbers[0]), time.UnixMilli(numbers[1]), int(numbers[2])
	return nil
}

type made struct {
	ID      string `json:"id"`
	MovieID string `json:"movieId"`
	At      int64  `json:"at"` // ms
	Members []struct {
		Turn     int64  `json:"turn"`
		JoinID   string `json:"joinId"`
		MemberID string `json:"memberId"`
		Nickname string `json:"nickname"`
		Joined   int64  `json:"joined"` // ms
	} `json:"members"`
	Seat *struct {
		RoomID     string `json:"roomId"`
		Seat       int    `json:"seat"`
		Generation int    `json:"generation"`
	} `json:"seat"`
}

// decode reads the room, which the queue keeps as text. There may be no view.
func (v *view) decode() error {
	if v == nil || v.RoomJSON == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(v.RoomJSON), &v.room); err != nil {
		return fmt.Errorf("read a room from the queue: %w", err)
	}
	return nil
}

// step is the reply as the member sees it whose step it was.
func (r *reply) step(memberID string, now time.Time) match.Step {
	s := match.Step{Made: r.Made.domain(), Expired: r.Expired, Resumed: time.UnixMilli(r.Resumed)}
	if r.View != nil {
		s.Known, s.State = true, r.View.domain(memberID, r.Line, now)
	}
	return s
}

func (r *reply) swept() match.Swept {
	s := match.Swept{Made: r.Made.domain(), Expired: r.Expired, More: r.More, Length: r.Length, NoShows: r.NoShows, Feed: r.Feed, Audit: r.Audit}
	if r.Upto > 0 {
		s.Upto = time.UnixMilli(r.Upto)
	}
	for _, m := range r.Claimed {
		s.Claimed = append(s.Claimed, *m.domain())
	}
	return s
}

// domain is where the member stands whose view it is. Who waits stands in a line, or is
// absent; it may be nil where the view says all.
func (v *view) domain(memberID string, l *line, now time.Time) match.State {
	switch v.State {
	case matchapi.Waiting:
		if l != nil && v.Seated == nil {
			v.stand(memberID, l)
		}
		return match.State{Kind: v.State, Waiting: matchapi.WaitingState{
			MovieID: v.MovieID, MovieIDs: v.MovieIDs, Waiting: v.Waiting, Place: v.Place, Seats: matchapi.Seats,
			ETASeconds: match.Arrivals(v.Arrivals).ETASeconds(matchapi.Seats-v.Waiting, now),
			JoinedAt:   wire.At(time.UnixMilli(v.JoinedAt)), Seated: v.Seated,
		}}
	case matchapi.Matched:
		return match.State{Kind: v.State, Match: match.Match{
			Room: v.room, Seat: v.Seat, Generation: v.Generation, Entered: v.Entered,
		}}
	}
	return match.State{Kind: v.State, Reason: v.Reason}
}

// stand completes the view of a member with the line.
func (v *view) stand(memberID string, l *line) {
	v.Waiting, v.Arrivals, v.Seated = l.Waiting, l.Arrivals, l.people()
	for i, p := range v.Seated {
		if p.MemberID == memberID {
			v.Place = i + 1
		}
	}
}

func (m *made) domain() *match.Made {
	if m == nil {
		return nil
	}
	d := &match.Made{ID: m.ID, MovieID: m.MovieID, At: time.UnixMilli(m.At)}
	for _, s := range m.Members {
		w := match.Wait{Turn: s.Turn, JoinID: s.JoinID, Member: match.Member{ID: s.MemberID, Nickname: s.Nickname}}
		if s.Joined > 0 {
			w.JoinedAt = time.UnixMilli(s.Joined)
		}
		d.Members = append(d.Members, w)
	}
	if m.Seat != nil {
		d.Seat = &match.Seat{RoomID: m.Seat.RoomID, Number: m.Seat.Seat, Generation: m.Seat.Generation}
	}
	return d
}
