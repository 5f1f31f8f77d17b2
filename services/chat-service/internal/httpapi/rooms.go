package httpapi

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

func (a *api) enter(c *gin.Context, m token.Member) error {
	var body chatapi.Ticket
	if err := wire.DecodeBody(c.Writer, c.Request, maxBody, &body); err != nil {
		return err
	}
	if body.Ticket == "" {
		return fault.BadField("ticket", "is missing")
	}
	ticket, err := a.tokens.Ticket(c.Request.Context(), body.Ticket)
	if err != nil {
		return badTicket(err)
	}
	room, created, err := a.chat.Enter(c.Request.Context(), m, ticket)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return answer(c, status, room)
}

// badTicket tells a ticket that is refused from a member token that is: who hears of a bad
// token refreshes it and asks again with the same ticket.
func badTicket(err error) error {
	e := fault.From(err)
	slug, reason := fault.BadTicket, "is not a ticket that match-service has signed"
	switch e.Kind {
	case fault.TokenExpired:
		slug, reason = fault.TicketExpired, "has expired: GET /match/rooms has a fresh one"
	case fault.Unauthenticated:
	default:
		return err
	}
	refused := fault.New(fault.Unauthenticated, "The ticket %s.", reason).WithSlug(slug).Wrap(err)
	refused.Fields = []fault.Field{{Field: "ticket", Reason: reason}}
	return refused
}

func (a *api) list(c *gin.Context, m token.Member) error {
	rooms, err := a.chat.Rooms(c.Request.Context(), m)
	if err != nil {
		return err
	}
	items := make([]chatapi.RoomItem, len(rooms))
	for i, r := range rooms {
		items[i] = chatapi.RoomItem{Room: r.Room, Unread: r.Unread}
	}
	return answer(c, http.StatusOK, chatapi.Rooms{Items: items})
}

func (a *api) room(c *gin.Context, m token.Member) error {
	room, err := a.chat.Room(c.Request.Context(), c.Param("roomId"), m)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, room)
}

func (a *api) history(c *gin.Context, m token.Member) error {
	page, err := pageOf(c)
	if err != nil {
		return err
	}
	items, more, err := a.chat.History(c.Request.Context(), c.Param("roomId"), m, page)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, chatapi.Messages{Items: items, HasMore: more})
}

func (a *api) offer(c *gin.Context, m token.Member) error {
	var body chatapi.NewPicture
	if err := wire.DecodeBody(c.Writer, c.Request, maxBody, &body); err != nil {
		return err
	}
	offer, err := a.chat.Offer(c.Request.Context(), c.Param("roomId"), m, body)
	if err != nil {
		return err
	}
	return answer(c, http.StatusCreated, offer)
}

func (a *api) picture(c *gin.Context, m token.Member) error {
	url, err := a.chat.Picture(c.Request.Context(), c.Param("roomId"), c.Param("imageId"), m)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Location", url)
	c.Status(http.StatusFound)
	return nil
}

func (a *api) leave(c *gin.Context, m token.Member) error {
	if err := a.chat.Leave(c.Request.Context(), c.Param("roomId"), m); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// pageOf reads before, after and limit, and reports all that is wrong with them.
func pageOf(c *gin.Context) (chat.Page, error) {
	var bad []fault.Field
	page := chat.Page{Before: seqParam(c, "before", &bad), After: seqParam(c, "after", &bad), Limit: chat.DefaultPage}
	if page.Before != nil && page.After != nil {
		bad = append(bad, fault.Field{Field: "before", Reason: "cannot be given together with after"})
	}
	if text, given := c.GetQuery("limit"); given {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > chat.MaxPage {
			bad = append(bad, fault.Field{Field: "limit", Reason: "must be a number from 1 to 200"})
		}
		page.Limit = n
	}
	if len(bad) > 0 {
		return page, fault.BadFields(bad)
	}
	return page, nil
}

func seqParam(c *gin.Context, name string, bad *[]fault.Field) *int64 {
	text, given := c.GetQuery(name)
	if !given {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		*bad = append(*bad, fault.Field{Field: name, Reason: "must be a seq: a decimal number that is not negative"})
	}
	return &n
}
