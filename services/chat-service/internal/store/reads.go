package store

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/sixseat/sixseat/pkg/database"

	"github.com/sixseat/sixseat/services/chat-service/internal/live"
)

//go:embed postgres_read.sql
var postgresRead string

//go:embed sqlite_read.sql
var sqliteRead string

// readRow is a mark as the statements take and return it.
type readRow struct {
	RoomID      string `json:"room_id"`
	MemberID    string `json:"member_id"`
	Nickname    string `json:"-"`
	LastReadSeq int64  `json:"seq"`
}

// MarkRead implements live.ReadStore.
func (s *Store) MarkRead(ctx context.Context, marks []live.Mark) ([]live.Mark, error) {
	statement := sqliteRead
	if s.db.Name() == database.PostgreSQL {
		statement = postgresRead
	}
	asked, rose := []readRow{}, []readRow{}
	for _, m := range marks {
		if isRoomID(m.RoomID) {
			asked = append(asked, readRow{RoomID: m.RoomID, MemberID: m.MemberID, LastReadSeq: m.Seq})
		}
	}
	list, err := json.Marshal(asked)
	if err != nil {
		return nil, fmt.Errorf("mark read: %w", err)
	}
	if err := s.db.WithContext(ctx).Raw(statement, string(list)).Scan(&rose).Error; err != nil {
		return nil, database.Fault(fmt.Errorf("mark %d read: %w", len(marks), err))
	}
	raised := make([]live.Mark, len(rose))
	for i, r := range rose {
		raised[i] = live.Mark{RoomID: r.RoomID, MemberID: r.MemberID, Nickname: r.Nickname, Seq: r.LastReadSeq}
	}
	return raised, nil
}
