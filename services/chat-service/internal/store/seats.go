package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Enter implements chat.Store. The room's row is locked first, as the journal does,
// so that ENTER gets its seq in line with everything else that is said.
func (s *Store) Enter(ctx context.Context, t token.Ticket, at time.Time) (entered *chat.Message, created bool, err error) {
	if !isRoomID(t.Room.RoomID) {
		return nil, false, fault.BadField("ticket", "names no room")
	}
	// A refused ticket may have changed what the seat has seen, so the refusal must
	// not roll the transaction back.
	var refusal error
	err = s.patiently(ctx, func(tx *gorm.DB) error {
		entered, refusal = nil, nil // this may be a second try
		if created, err = createRoom(tx, t, at); err != nil {
			return err
		}
		room, err := lockRoom(tx, t.Room.RoomID)
		if err != nil {
			return err
		}
		entered, refusal, err = seat(tx, room, t, at)
		return err
	})
	if err == nil {
		s.fill()
		err = refusal
	}
	if err != nil {
		return nil, false, database.Fault(fmt.Errorf("enter room %s: %w", t.Room.RoomID, err))
	}
	return entered, created, nil
}

// patiently runs a transaction again while somebody else holds the room for too long, as
// posts wait for it (aside.go): for at most retryFor, with the pauses of asideRetry.
func (s *Store) patiently(ctx context.Context, do func(tx *gorm.DB) error) error {
	for deadline := time.Now().Add(retryFor); ; {
		err := s.db.WithContext(ctx).Transaction(do)
		if !database.Locked(err) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(asideRetry):
		}
	}
}

func createRoom(tx *gorm.DB, t token.Ticket, at time.Time) (created bool, err error) {
	room, seats := newRoom(t)
	room.QuietSince = at.UTC()
	result := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&room)
	if result.Error != nil || result.RowsAffected == 0 {
		return false, result.Error
	}
	return true, tx.Create(&seats).Error
}

func lockRoom(tx *gorm.DB, roomID string) (roomRow, error) {
	var room roomRow
	err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = ?", roomID).Take(&room).Error
	return room, err
}

// seat admits the holder of a ticket to the locked room, or returns why not.
func seat(tx *gorm.DB, room roomRow, t token.Ticket, at time.Time) (entered *chat.Message, refusal, err error) {
	var row seatRow
	// The member's own entered seat first: nobody sits on two seats of a room.
	err = tx.Where("room_id = ? AND (seat = ? OR (member_id = ? AND entered_at IS NOT NULL))", room.ID, t.Seat, t.MemberID).
		Clauses(clause.OrderBy{Expression: clause.Expr{
			SQL: "CASE WHEN member_id = ? AND entered_at IS NOT NULL THEN 0 ELSE 1 END", Vars: []any{t.MemberID},
		}}).
		Take(&row).Error
	if err != nil {
		return nil, nil, err
	}
	before := row.place()
	after, refusal := chat.Admit(before, t)
	taken := refusal != nil && before.Entered // match-service may not know it: tell it again
	if after == before && !taken {
		return nil, refusal, nil
	}
	row.Generation, row.MemberID, row.Nickname = after.Generation, after.MemberID, after.Nickname
	if after.Entered && !before.Entered {
		row.EnteredAt, row.EnteredGeneration = &at, t.Generation
		m, err := notice(tx, room, row, chatapi.Enter, at)
		if err != nil {
			return nil, nil, err
		}
		entered = &m
	}
	if entered != nil || taken {
		if err := tellEntered(tx, row); err != nil {
			return nil, nil, err
		}
	}
	return entered, refusal, saveSeat(tx, row)
}

// saveSeat leaves out what is read meanwhile: MarkRead does not lock the room.
func saveSeat(tx *gorm.DB, row seatRow) error { return tx.Omit("LastReadSeq").Save(&row).Error }

// Leave implements chat.Store.
func (s *Store) Leave(ctx context.Context, roomID, memberID string, at time.Time) (left *chat.Message, err error) {
	if !isRoomID(roomID) {
		return nil, chat.Outside.Refusal()
	}
	err = s.patiently(ctx, func(tx *gorm.DB) error {
		left = nil // this may be a second try
		room, err := lockRoom(tx, roomID)
		if err != nil && !isNotFound(err) {
			return err
		}
		var seats []seatRow
		err = tx.Where("room_id = ? AND member_id = ? AND entered_at IS NOT NULL", roomID, memberID).Find(&seats).Error
		if err != nil {
			return err
		}
		if len(seats) == 0 {
			return chat.Outside.Refusal()
		}
		if seats[0].standing() == chat.Left {
			return nil // asked again, perhaps since the answer was lost
		}
		seats[0].LeftAt = &at
		m, err := notice(tx, room, seats[0], chatapi.Leave, at)
		if err != nil {
			return err
		}
		left = &m
		if err := tellLeft(tx, seats[0]); err != nil {
			return err
		}
		return saveSeat(tx, seats[0])
	})
	if err != nil {
		return nil, database.Fault(fmt.Errorf("leave room %s: %w", roomID, err))
	}
	s.fill()
	return left, nil
}

// notice writes an ENTER or LEAVE with the locked room's next seq.
func notice(tx *gorm.DB, room roomRow, seat seatRow, typ string, at time.Time) (chat.Message, error) {
	m := chat.Message{
		RoomID: room.ID, Seq: room.LastSeq + 1, MessageID: chat.NoticeID(room.ID, seat.MemberID, typ),
		MemberID: seat.MemberID, Type: typ, CreatedBy: seat.Nickname, CreatedAt: wire.At(at),
	}
	row := rowOf(m)
	if err := tx.Create(&row).Error; err != nil {
		return m, err
	}
	return m, tx.Model(&roomRow{}).Where("id = ?", room.ID).Update("last_seq", m.Seq).Error
}
