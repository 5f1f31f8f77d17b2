package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/wire"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

func (a api) join(c *gin.Context) error {
	m, err := a.member(c)
	if err != nil {
		return err
	}
	var wish matchapi.Join
	if err := wire.DecodeBody(c.Writer, c.Request, maxBody, &wish); err != nil {
		return err
	}
	if err := a.Limits.join(c.Request.Context(), m.ID); err != nil {
		return err
	}
	state, err := a.Matcher.Join(c.Request.Context(), m, wish)
	if err != nil {
		return err
	}
	return a.answerState(c, m, state)
}

func (a api) state(c *gin.Context) error {
	m, err := a.member(c)
	if err != nil {
		return err
	}
	state, err := a.Matcher.Read(c.Request.Context(), m)
	if err != nil {
		return err
	}
	return a.answerState(c, m, state)
}

func (a api) leave(c *gin.Context) error {
	m, err := a.member(c)
	if err != nil {
		return err
	}
	left, err := a.Matcher.Leave(c.Request.Context(), m)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, left)
}

func (a api) rooms(c *gin.Context) error {
	m, err := a.member(c)
	if err != nil {
		return err
	}
	matches, err := a.Matcher.Rooms(c.Request.Context(), m.ID)
	if err != nil {
		return err
	}
	rooms := matchapi.MyRooms{Items: []matchapi.MyRoom{}}
	for _, mt := range matches {
		ticket, err := a.ticket(m, mt)
		if err != nil {
			return err
		}
		rooms.Items = append(rooms.Items, matchapi.MyRoom{Room: mt.Room, Ticket: ticket})
	}
	return answer(c, http.StatusOK, rooms)
}

func (a api) answerState(c *gin.Context, m match.Member, s match.State) error {
	body, err := a.stateBody(m, s)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, body)
}

// stateBody is a state as clients see it; being matched comes with a fresh ticket.
func (a api) stateBody(m match.Member, s match.State) (matchapi.State, error) {
	body := matchapi.State{State: s.Kind, Reason: s.Reason}
	switch s.Kind {
	case matchapi.Waiting:
		body.WaitingState = &s.Waiting
	case matchapi.Matched:
		ticket, err := a.ticket(m, s.Match)
		if err != nil {
			return body, err
		}
		body.MatchedState = &matchapi.MatchedState{
			Room: s.Match.Room, Seat: s.Match.Seat, Generation: s.Match.Generation, Ticket: ticket,
		}
	}
	return body, nil
}

func (a api) ticket(m match.Member, mt match.Match) (string, error) {
	return a.Signer.Ticket(token.Ticket{
		MemberID: m.ID, Nickname: m.Nickname, Room: mt.Room, Seat: mt.Seat, Generation: mt.Generation,
	})
}
