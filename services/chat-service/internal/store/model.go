package store

import (
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// The rows of the database. The domain has no GORM tags; the converters stand beside.

type roomRow struct {
	ID        string `gorm:"primaryKey"`
	MovieID   string
	Title     string
	CreatedAt time.Time
	LastSeq   int64

	QuietSince time.Time // see archive.Rows
}

func (roomRow) TableName() string { return "rooms" }

type seatRow struct {
	RoomID      string `gorm:"primaryKey"`
	Seat        int    `gorm:"primaryKey"`
	Generation  int
	MemberID    string
	Nickname    string
	EnteredAt   *time.Time
	LeftAt      *time.Time
	LastReadSeq int64

	EnteredGeneration int // of the ticket that entered; Generation may have risen since
}

func (seatRow) TableName() string { return "seats" }

type messageRow struct {
	RoomID         string `gorm:"primaryKey"`
	Seq            int64  `gorm:"primaryKey"`
	MessageID      string
	IdempotencyKey string
	MemberID       string
	Type           string
	Comment        string
	CreatedBy      string
	CreatedAt      time.Time
	Image          pictureColumn
}

func (messageRow) TableName() string { return "messages" }

// newRoom is a ticket's room as it is first stored, with its six promised seats.
func newRoom(t token.Ticket) (roomRow, []seatRow) {
	room := roomRow{ID: t.Room.RoomID, MovieID: t.Room.MovieID, Title: t.Room.Title, CreatedAt: t.Room.CreatedAt.Time}
	seats := make([]seatRow, len(t.Room.Seats))
	for i, s := range t.Room.Seats {
		seats[i] = seatRow{RoomID: room.ID, Seat: s.Seat, MemberID: s.MemberID, Nickname: s.Nickname}
	}
	return room, seats
}

func (s seatRow) place() chat.Place {
	return chat.Place{
		MemberID: s.MemberID, Nickname: s.Nickname, Generation: s.Generation,
		Entered: s.EnteredAt != nil, Left: s.LeftAt != nil,
	}
}

func (s seatRow) standing() chat.Standing {
	switch {
	case s.EnteredAt == nil:
		return chat.Outside
	case s.LeftAt != nil:
		return chat.Left
	}
	return chat.Inside
}

func (r roomRow) room(seats []seatRow) chat.Room {
	room := chat.Room{
		RoomID: r.ID, MovieID: r.MovieID, Title: r.Title, CreatedAt: wire.At(r.CreatedAt), LastSeq: r.LastSeq,
	}
	for _, s := range seats {
		room.Seats = append(room.Seats, matchapi.Seat{Seat: s.Seat, MemberID: s.MemberID, Nickname: s.Nickname})
		if s.standing() == chat.Inside {
			room.Members = append(room.Members, memberOf(s))
		}
	}
	return room
}

func messageOf(r messageRow) chat.Message {
	return chat.Message{
		RoomID: r.RoomID, Seq: r.Seq, MessageID: r.MessageID, IdempotencyKey: r.IdempotencyKey, MemberID: r.MemberID,
		Type: r.Type, Comment: r.Comment, CreatedBy: r.CreatedBy, CreatedAt: wire.At(r.CreatedAt), Image: r.Image.Picture,
	}
}

func rowOf(m chat.Message) messageRow {
	return messageRow{
		RoomID: m.RoomID, Seq: m.Seq, MessageID: m.MessageID, IdempotencyKey: m.IdempotencyKey, MemberID: m.MemberID,
		Type: m.Type, Comment: m.Comment, CreatedBy: m.CreatedBy, CreatedAt: m.CreatedAt.Time, Image: pictureColumn{m.Image},
	}
}
