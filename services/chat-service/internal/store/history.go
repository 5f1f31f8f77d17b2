package store

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/sixseat/sixseat/pkg/database"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

//go:embed postgres_following.sql
var postgresFollowing string

//go:embed sqlite_following.sql
var sqliteFollowing string

// positionRow is a position as the statements take it.
type positionRow struct {
	RoomID string `json:"room_id"`
	After  int64  `json:"after"`
}

// Following returns at most limit messages after each of the positions, ascending by
// seq, in one query. Positions that nothing follows are absent; what is archived is not here.
func (s *Store) Following(ctx context.Context, positions []chat.Position, limit int) (map[chat.Position][]chat.Message, error) {
	statement := sqliteFollowing
	if s.db.Name() == database.PostgreSQL {
		statement = postgresFollowing
	}
	asked := []positionRow{}
	for _, p := range positions {
		if isRoomID(p.RoomID) {
			asked = append(asked, positionRow{p.RoomID, p.Seq})
		}
	}
	list, err := json.Marshal(asked)
	if err != nil {
		return nil, fmt.Errorf("read what follows: %w", err)
	}
	var rows []struct {
		Message messageRow `gorm:"embedded"`
		After   int64
	}
	if err := s.db.WithContext(ctx).Raw(statement, string(list), limit).Scan(&rows).Error; err != nil {
		return nil, database.Fault(fmt.Errorf("read what follows %d positions: %w", len(positions), err))
	}
	following := map[chat.Position][]chat.Message{}
	for _, r := range rows {
		p := chat.Position{RoomID: r.Message.RoomID, Seq: r.After}
		following[p] = append(following[p], messageOf(r.Message))
	}
	return following, nil
}

// Messages implements chat.Store. One row more than asked for tells whether there is
// more. Since seqs have no gaps, what comes behind that is not read after a position whose
// messages are archived.
func (s *Store) Messages(ctx context.Context, roomID string, p chat.Page) ([]chat.Message, bool, error) {
	if !isRoomID(roomID) {
		return nil, false, chat.Outside.Refusal()
	}
	q := s.db.WithContext(ctx).Where("room_id = ?", roomID).Limit(p.Limit + 1)
	if p.After != nil {
		q = q.Where("seq > ? AND seq <= ?", *p.After, *p.After+int64(p.Limit)+1).Order("seq")
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
	return messagesOf(rows), more, nil
}

func messagesOf(rows []messageRow) []chat.Message {
	items := make([]chat.Message, len(rows))
	for i, r := range rows {
		items[i] = messageOf(r)
	}
	return items
}
