package redisqueue

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/wire"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// reply is the JSON that steps answer; common.lua and sweep.lua say when which field is set.
type reply struct {
	View    *view    `json:"view"`
	Resumed int64    `json:"resumed"` // ms
	Made    *made    `json:"made"`
	Expired []string `json:"expired"`
	Claimed []made   `json:"claimed"`
	More    bool     `json:"more"`
	Length  int64    `json:"length"`
}

type view struct {
	State      string            `json:"state"`
	Reason     string            `json:"reason"`
	MovieID    string            `json:"movieId"`
	MovieIDs   []string          `json:"movieIds"`
	Waiting    int               `json:"waiting"`
	Place      int               `json:"place"`
	Seated     []matchapi.Person `json:"seated"`
	JoinedAt   int64             `json:"joinedAt"` // ms
	RoomJSON   string            `json:"room"`
	Seat       int               `json:"seat"`
	Generation int               `json:"generation"`
	Entered    bool              `json:"entered"`

	room matchapi.Room
}

type made struct {
	ID      string `json:"id"`
	MovieID string `json:"movieId"`
	At      int64  `json:"at"` // ms
	Six     []struct {
		Turn     int64  `json:"turn"`
		JoinID   string `json:"joinId"`
		MemberID string `json:"memberId"`
		Nickname string `json:"nickname"`
	} `json:"six"`
}

func (r *reply) decodeRoom() error {
	if r.View == nil || r.View.RoomJSON == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(r.View.RoomJSON), &r.View.room); err != nil {
		return fmt.Errorf("read a room from the queue: %w", err)
	}
	return nil
}

func (r *reply) step() match.Step {
	s := match.Step{Made: r.Made.domain(), Expired: r.Expired, Resumed: time.UnixMilli(r.Resumed)}
	if r.View != nil {
		s.Known, s.State = true, r.View.domain()
	}
	return s
}

func (r *reply) swept() match.Swept {
	s := match.Swept{Made: r.Made.domain(), Expired: r.Expired, More: r.More, Length: r.Length}
	for _, m := range r.Claimed {
		s.Claimed = append(s.Claimed, *m.domain())
	}
	return s
}

func (v *view) domain() match.State {
	switch v.State {
	case matchapi.Waiting:
		return match.State{Kind: v.State, Waiting: matchapi.WaitingState{
			MovieID: v.MovieID, MovieIDs: v.MovieIDs, Waiting: v.Waiting, Place: v.Place, Seats: matchapi.Seats,
			JoinedAt: wire.At(time.UnixMilli(v.JoinedAt)), Seated: v.Seated,
		}}
	case matchapi.Matched:
		return match.State{Kind: v.State, Match: match.Match{
			Room: v.room, Seat: v.Seat, Generation: v.Generation, Entered: v.Entered,
		}}
	}
	return match.State{Kind: v.State, Reason: v.Reason}
}

func (m *made) domain() *match.Made {
	if m == nil {
		return nil
	}
	d := &match.Made{ID: m.ID, MovieID: m.MovieID, At: time.UnixMilli(m.At)}
	for _, s := range m.Six {
		d.Six = append(d.Six, match.Wait{
			Turn: s.Turn, JoinID: s.JoinID, Member: match.Member{ID: s.MemberID, Nickname: s.Nickname},
		})
	}
	return d
}
