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
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

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
	db      *gorm.DB
	commits *sql.DB       // the journals' own connection to PostgreSQL; nil on SQLite
	filled  chan struct{} // see Filled
}

// Open connects to the database and refuses a schema that lacks a migration.
func Open(ctx context.Context, d gorm.Dialector) (*Store, error) {
	db, err := database.Open(ctx, d, migrations())
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, filled: make(chan struct{}, 1)}
	if db.Name() == database.PostgreSQL {
		if s.commits, err = database.Reserve(db); err != nil {
			return nil, errors.Join(err, database.Close(db))
		}
	}
	return s, nil
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
func (s *Store) Close() error {
	err := database.Close(s.db)
	if s.commits != nil {
		err = errors.Join(err, s.commits.Close())
	}
	return err
}

// Standings implements chat.Store.
func (s *Store) Standings(ctx context.Context, visitors []chat.Visitor) (map[chat.Visitor]chat.Standing, error) {
	rooms, members := map[string]bool{}, map[string]bool{}
	for _, v := range visitors {
		rooms[v.RoomID], members[v.MemberID] = true, true
	}
	var seats []seatRow
	err := s.db.WithContext(ctx).Select("room_id", "member_id", "entered_at", "left_at").
		Where("room_id IN ? AND member_id IN ?", roomIDs(maps.Keys(rooms)), slices.Collect(maps.Keys(members))).Find(&seats).Error
	if err != nil {
		return nil, database.Fault(fmt.Errorf("read standings: %w", err))
	}
	standings := make(map[chat.Visitor]chat.Standing, len(visitors))
	for _, seat := range seats {
		if seat.EnteredAt != nil {
			standings[chat.Visitor{RoomID: seat.RoomID, MemberID: seat.MemberID}] = seat.standing()
		}
	}
	return standings, nil
}

// Heads returns the last seq of each of the rooms; rooms that do not exist are absent.
func (s *Store) Heads(ctx context.Context, rooms []string) (map[string]int64, error) {
	heads, err := headsOf(s.db.WithContext(ctx), roomIDs(slices.Values(rooms)))
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

// roomIDs leaves out what can be no room's id: in a query it would fail for all.
func roomIDs(ids iter.Seq[string]) []string {
	var valid []string
	for id := range ids {
		if isRoomID(id) {
			valid = append(valid, id)
		}
	}
	return valid
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
