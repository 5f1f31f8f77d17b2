package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/matchapi"
)

// entryRow is an entry of the feed to match-service that is still in the outbox.
type entryRow struct {
	ID         string `gorm:"primaryKey"`
	Kind       string
	At         time.Time
	RoomID     string
	Seat       int
	Generation int
	MemberID   string
	ToldAt     *time.Time
}

func (entryRow) TableName() string { return "entries" }

// tellEntered puts into the outbox who sits on a seat, in the transaction that found it out.
func tellEntered(tx *gorm.DB, s seatRow) error {
	return tell(tx, matchapi.KindEntered, *s.EnteredAt, s)
}

// tellLeft puts into the outbox who has left a seat, in the transaction that wrote LEAVE.
func tellLeft(tx *gorm.DB, s seatRow) error { return tell(tx, matchapi.KindLeft, *s.LeftAt, s) }

func tell(tx *gorm.DB, kind string, at time.Time, s seatRow) error {
	return tx.Create(&entryRow{
		ID: uuid.Must(uuid.NewV7()).String(), Kind: kind, At: at,
		RoomID: s.RoomID, Seat: s.Seat, Generation: s.EnteredGeneration, MemberID: s.MemberID,
	}).Error
}

// Filled gets a value after something was put into the outbox here. It holds one: whoever
// hears it empties the outbox.
func (s *Store) Filled() <-chan struct{} { return s.filled }

func (s *Store) fill() {
	select {
	case s.filled <- struct{}{}:
	default: // said already
	}
}

// Untold returns the oldest entries in the outbox that were not told yet, at most limit.
func (s *Store) Untold(ctx context.Context, limit int) ([]matchapi.Entry, error) {
	return s.entries(s.db.WithContext(ctx).Where("told_at IS NULL"), limit)
}

// ToldBefore returns the oldest entries in the outbox that were told before a time, at most
// limit.
func (s *Store) ToldBefore(ctx context.Context, at time.Time, limit int) ([]matchapi.Entry, error) {
	return s.entries(s.db.WithContext(ctx).Where("told_at < ?", at), limit)
}

func (s *Store) entries(db *gorm.DB, limit int) ([]matchapi.Entry, error) {
	var rows []entryRow
	if err := db.Order("id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, database.Fault(fmt.Errorf("read entries: %w", err))
	}
	entries := make([]matchapi.Entry, len(rows))
	for i, r := range rows {
		entries[i] = matchapi.Entry{
			Kind: r.Kind, EntryID: r.ID, At: r.At,
			RoomID: r.RoomID, Seat: r.Seat, Generation: r.Generation, MemberID: r.MemberID,
		}
	}
	return entries, nil
}

// Told notes that entries were told.
func (s *Store) Told(ctx context.Context, entries []matchapi.Entry, at time.Time) error {
	err := s.db.WithContext(ctx).Model(&entryRow{}).Where("id IN ?", idsOf(entries)).Update("told_at", at).Error
	if err != nil {
		return database.Fault(fmt.Errorf("note entries as told: %w", err))
	}
	return nil
}

// Forget takes entries out of the outbox.
func (s *Store) Forget(ctx context.Context, entries []matchapi.Entry) error {
	if err := s.db.WithContext(ctx).Where("id IN ?", idsOf(entries)).Delete(&entryRow{}).Error; err != nil {
		return database.Fault(fmt.Errorf("forget entries: %w", err))
	}
	return nil
}

func idsOf(entries []matchapi.Entry) []string {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.EntryID
	}
	return ids
}
