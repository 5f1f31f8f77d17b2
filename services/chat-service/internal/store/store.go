// Package store keeps rooms, seats and messages in PostgreSQL, or in SQLite where the
// whole system runs in one process. It is the only package of chat-service that knows
// SQL, and the only one in which a message gets its seq.
//
// Reading, entering and leaving go through GORM (rooms.go, seats.go, history.go). Posts
// go through the Journal (journal.go), which commits many at a time with one statement
// per step (postgres.go and its two .sql files, sqlite.go).
package store

import (
	"context"
	"embed"
	"fmt"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/database"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

//go:embed migrations
var files embed.FS

func migrations() database.Migrations {
	return database.Migrations{Files: files, Dir: "migrations"}
}

// Store implements chat.Store.
type Store struct {
	db     *gorm.DB
	filled chan struct{} // see Filled
}

// Open connects to the database and refuses a schema that lacks a migration.
func Open(ctx context.Context, d gorm.Dialector) (*Store, error) {
	db, err := database.Open(ctx, d, migrations())
	if err != nil {
		return nil, err
	}
	return &Store{db: db, filled: make(chan struct{}, 1)}, nil
}

// Migrate brings the schema up to date.
func Migrate(ctx context.Context, d gorm.Dialector) error {
	db, err := database.Connect(ctx, d)
	if err != nil {
		return err
	}
	return migrations().Migrate(ctx, db)
}

// Ping asks whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return database.Ping(ctx, s.db) }

// Close closes the database.
func (s *Store) Close() error { return database.Close(s.db) }

// Standing says how a member stands to a room.
func (s *Store) Standing(ctx context.Context, roomID, memberID string) (chat.Standing, error) {
	if !isRoomID(roomID) {
		return chat.Outside, nil
	}
	var seats []seatRow
	err := s.db.WithContext(ctx).
		Where("room_id = ? AND member_id = ? AND entered_at IS NOT NULL", roomID, memberID).Find(&seats).Error
	if err != nil {
		return chat.Outside, database.Fault(fmt.Errorf("read standing: %w", err))
	}
	if len(seats) == 0 {
		return chat.Outside, nil
	}
	return seats[0].standing(), nil
}

// Heads returns the last seq of each of the rooms; rooms that do not exist are absent.
func (s *Store) Heads(ctx context.Context, roomIDs []string) (map[string]int64, error) {
	heads, err := headsOf(s.db.WithContext(ctx), roomIDs)
	if err != nil {
		return nil, database.Fault(fmt.Errorf("read heads: %w", err))
	}
	return heads, nil
}

func headsOf(db *gorm.DB, roomIDs []string) (map[string]int64, error) {
	var rooms []roomRow
	if err := db.Select("id", "last_seq").Where("id IN ?", roomIDs).Find(&rooms).Error; err != nil {
		return nil, err
	}
	heads := make(map[string]int64, len(rooms))
	for _, r := range rooms {
		heads[r.ID] = r.LastSeq
	}
	return heads, nil
}

// isRoomID reports whether an id can be a room's at all. match-service names rooms by
// UUIDs; what is none would be an error to PostgreSQL, and is just unknown to us.
func isRoomID(id string) bool {
	u, err := uuid.Parse(id)
	return err == nil && u.String() == id
}

func memberOf(s seatRow) chatapi.Member {
	return chatapi.Member{MemberID: s.MemberID, Nickname: s.Nickname, LastReadSeq: s.LastReadSeq}
}
