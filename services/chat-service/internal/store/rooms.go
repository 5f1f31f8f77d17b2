package store

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/database"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Room implements chat.Store.
func (s *Store) Room(ctx context.Context, roomID string) (chat.Room, error) {
	if !isRoomID(roomID) {
		return chat.Room{}, chat.Outside.Refusal()
	}
	var room roomRow
	err := s.db.WithContext(ctx).Where("id = ?", roomID).Take(&room).Error
	if isNotFound(err) {
		return chat.Room{}, chat.Outside.Refusal()
	}
	if err != nil {
		return chat.Room{}, database.Fault(fmt.Errorf("read room %s: %w", roomID, err))
	}
	seats, err := s.seatsOf(ctx, []string{roomID})
	return room.room(seats[roomID]), err
}

// RoomsOf implements chat.Store: three queries, however many rooms there are.
func (s *Store) RoomsOf(ctx context.Context, memberID string) ([]chat.RoomOf, error) {
	var rooms []roomRow
	err := s.db.WithContext(ctx).
		Where("id IN (?)", s.db.Model(&seatRow{}).Select("room_id").
			Where("member_id = ? AND entered_at IS NOT NULL AND left_at IS NULL", memberID)).
		Order("created_at DESC, id DESC").Find(&rooms).Error
	if err != nil {
		return nil, database.Fault(fmt.Errorf("list rooms: %w", err))
	}
	ids := make([]string, len(rooms))
	for i, r := range rooms {
		ids[i] = r.ID
	}
	seats, err := s.seatsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	unread, err := s.unread(ctx, memberID, ids)
	if err != nil {
		return nil, err
	}
	list := make([]chat.RoomOf, len(rooms))
	for i, r := range rooms {
		list[i] = chat.RoomOf{Room: r.room(seats[r.ID]), Unread: unread[r.ID]}
	}
	return list, nil
}

func (s *Store) seatsOf(ctx context.Context, roomIDs []string) (map[string][]seatRow, error) {
	var rows []seatRow
	err := s.db.WithContext(ctx).Where("room_id IN ?", roomIDs).Order("seat").Find(&rows).Error
	if err != nil {
		return nil, database.Fault(fmt.Errorf("read seats: %w", err))
	}
	seats := make(map[string][]seatRow, len(roomIDs))
	for _, r := range rows {
		seats[r.RoomID] = append(seats[r.RoomID], r)
	}
	return seats, nil
}

//go:embed unread.sql
var unreadCount string

// unread counts what others said in each room after the member's last read seq.
func (s *Store) unread(ctx context.Context, memberID string, roomIDs []string) (map[string]int64, error) {
	var counts []struct {
		RoomID string
		Unread int64
	}
	err := s.db.WithContext(ctx).Raw(unreadCount, map[string]any{
		"member": memberID, "rooms": roomIDs, "silent": []string{chatapi.Enter, chatapi.Leave},
	}).Scan(&counts).Error
	if err != nil {
		return nil, database.Fault(fmt.Errorf("count unread: %w", err))
	}
	unread := make(map[string]int64, len(counts))
	for _, c := range counts {
		unread[c.RoomID] = c.Unread
	}
	return unread, nil
}

func isNotFound(err error) bool { return errors.Is(err, gorm.ErrRecordNotFound) }
