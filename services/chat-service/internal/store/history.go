package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/sixseat/sixseat/pkg/database"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Messages implements chat.Store. One row more than asked for tells whether there is
// more.
func (s *Store) Messages(ctx context.Context, roomID string, p chat.Page) ([]chat.Message, bool, error) {
	if !isRoomID(roomID) {
		return nil, false, chat.Outside.Refusal()
	}
	q := s.db.WithContext(ctx).Where("room_id = ?", roomID).Limit(p.Limit + 1)
	if p.After != nil {
		q = q.Where("seq > ?", *p.After).Order("seq")
	} else {
		q = q.Order("seq DESC")
	}
	if p.Before != nil {
		q = q.Where("seq < ?", *p.Before)
	}
	var rows []messageRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, false, database.Fault(fmt.Errorf("read messages of room %s: %w", roomID, err))
	}
	more := len(rows) > p.Limit
	rows = rows[:min(len(rows), p.Limit)]
	if p.After == nil {
		slices.Reverse(rows)
	}
	items := make([]chat.Message, len(rows))
	for i, r := range rows {
		items[i] = messageOf(r)
	}
	return items, more, nil
}
