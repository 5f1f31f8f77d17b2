package store

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/database"

	"github.com/sixseat/sixseat/services/chat-service/internal/archive"
	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

//go:embed postgres_claim.sql
var postgresClaim string

//go:embed sqlite_claim.sql
var sqliteClaim string

type archiveRow struct {
	RoomID     string `gorm:"primaryKey"`
	FirstSeq   int64  `gorm:"primaryKey"`
	LastSeq    int64
	Messages   int64
	Object     string
	Bytes      int64
	SHA256     string `gorm:"column:sha256"`
	ArchivedAt time.Time
	MessageIDs []byte `gorm:"column:message_ids"`
	Speakers   string
}

func (archiveRow) TableName() string { return "archives" }

// Claim implements archive.Rows.
func (s *Store) Claim(ctx context.Context, quiet, until time.Time, limit int) (roomIDs []string, err error) {
	statement := sqliteClaim
	if s.db.Name() == database.PostgreSQL {
		statement = postgresClaim
	}
	values := map[string]any{"quiet": quiet.UTC(), "until": until.UTC(), "limit": limit}
	if err := s.db.WithContext(ctx).Raw(statement, values).Scan(&roomIDs).Error; err != nil {
		return nil, database.Fault(fmt.Errorf("claim quiet rooms: %w", err))
	}
	return roomIDs, nil
}

// Looked implements archive.Rows.
func (s *Store) Looked(ctx context.Context, roomID string, at time.Time) error {
	err := s.db.WithContext(ctx).Model(&roomRow{}).Where("id = ?", roomID).Update("quiet_since", at.UTC()).Error
	if err != nil {
		return database.Fault(fmt.Errorf("note that room %s was looked at: %w", roomID, err))
	}
	return nil
}

// Oldest implements archive.Rows.
func (s *Store) Oldest(ctx context.Context, roomID string, limit int) ([]chat.Message, chat.Message, error) {
	db := s.db.WithContext(ctx).Where("room_id = ?", roomID)
	var newest []messageRow
	if err := db.Session(&gorm.Session{}).Order("seq DESC").Limit(1).Find(&newest).Error; err != nil {
		return nil, chat.Message{}, database.Fault(fmt.Errorf("read the newest message of room %s: %w", roomID, err))
	}
	if len(newest) == 0 {
		return nil, chat.Message{}, nil
	}
	var rows []messageRow
	if err := db.Session(&gorm.Session{}).Where("seq <= ?", newest[0].Seq).Order("seq").Limit(limit).Find(&rows).Error; err != nil {
		return nil, chat.Message{}, database.Fault(fmt.Errorf("read the oldest messages of room %s: %w", roomID, err))
	}
	return messagesOf(rows), messageOf(newest[0]), nil
}

// errRoomMoved takes back a transaction that finds the room other than it was.
var errRoomMoved = errors.New("somebody spoke, or another node has archived it")

// Archive implements archive.Rows. The room's row is locked first, as for everything that is
// said in it.
func (s *Store) Archive(ctx context.Context, segment archive.Segment, messages []chat.Message, head int64, at time.Time) (done bool, err error) {
	err = s.patiently(ctx, func(tx *gorm.DB) error {
		room, err := lockRoom(tx, segment.RoomID)
		if err != nil {
			return err
		}
		before, _, err := segmentBefore(tx, segment.RoomID, room.LastSeq)
		if err != nil {
			return err
		}
		if room.LastSeq != head || before.LastSeq != segment.First-1 {
			return errRoomMoved
		}
		row, err := rowOfSegment(tx, segment, messages, at)
		if err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		removed := tx.Where("room_id = ? AND seq BETWEEN ? AND ?", segment.RoomID, segment.First, segment.Last).Delete(&messageRow{})
		if removed.Error == nil && removed.RowsAffected != segment.Messages() {
			return fmt.Errorf("%d messages were there to remove, not %d", removed.RowsAffected, segment.Messages())
		}
		return removed.Error
	})
	if errors.Is(err, errRoomMoved) {
		return false, nil
	}
	if err != nil {
		return false, database.Fault(fmt.Errorf("archive room %s from seq %d: %w", segment.RoomID, segment.First, err))
	}
	return true, nil
}

// rowOfSegment adds what has to be known of the messages without their object.
func rowOfSegment(tx *gorm.DB, s archive.Segment, messages []chat.Message, at time.Time) (archiveRow, error) {
	row := archiveRow{
		RoomID: s.RoomID, FirstSeq: s.First, LastSeq: s.Last, Messages: s.Messages(), Object: s.Object, Bytes: s.Bytes, SHA256: s.SHA256, ArchivedAt: at.UTC(),
	}
	var seats []seatRow
	if err := tx.Where("room_id = ? AND entered_at IS NOT NULL", s.RoomID).Find(&seats).Error; err != nil {
		return row, err
	}
	seatOf := map[string]string{}
	for _, seat := range seats {
		seatOf[seat.MemberID] = strconv.Itoa(seat.Seat)
	}
	for _, m := range messages {
		id, err := uuid.Parse(m.MessageID)
		if err != nil {
			return row, fmt.Errorf("message %d: %w", m.Seq, err)
		}
		row.MessageIDs = append(row.MessageIDs, id[:]...)
		switch seat := seatOf[m.MemberID]; {
		case m.Type == chatapi.Enter || m.Type == chatapi.Leave:
			row.Speakers += "0"
		case seat == "":
			return row, fmt.Errorf("message %d is of %s, who has no seat", m.Seq, m.MemberID)
		default:
			row.Speakers += seat
		}
	}
	return row, nil
}

// Segment returns the segment of the room that has the message with this seq or, if none
// has it, the last one before.
func (s *Store) Segment(ctx context.Context, roomID string, seq int64) (archive.Segment, bool, error) {
	if !isRoomID(roomID) {
		return archive.Segment{}, false, nil
	}
	row, found, err := segmentBefore(s.db.WithContext(ctx), roomID, seq)
	if err != nil {
		return archive.Segment{}, false, database.Fault(fmt.Errorf("look for seq %d of room %s in the archive: %w", seq, roomID, err))
	}
	return row.segment(), found, nil
}

// Segments returns those of the room's segments that have any of the messages from seq first
// to last, ascending: the last one that begins before them, and those that begin among them.
func (s *Store) Segments(ctx context.Context, roomID string, first, last int64) ([]archive.Segment, error) {
	if !isRoomID(roomID) {
		return nil, nil
	}
	db := s.db.WithContext(ctx)
	begins := db.Model(&archiveRow{}).Select("COALESCE(MAX(first_seq), 0)").Where("room_id = ? AND first_seq <= ?", roomID, first)
	var rows []archiveRow
	err := db.Omit("message_ids", "speakers").Where("room_id = ? AND first_seq BETWEEN (?) AND ? AND last_seq >= ?", roomID, begins, last, first).Order("first_seq").Find(&rows).Error
	if err != nil {
		return nil, database.Fault(fmt.Errorf("look for seq %d to %d of room %s in the archive: %w", first, last, roomID, err))
	}
	segments := make([]archive.Segment, len(rows))
	for i, row := range rows {
		segments[i] = row.segment()
	}
	return segments, nil
}

func (r archiveRow) segment() archive.Segment {
	return archive.Segment{RoomID: r.RoomID, First: r.FirstSeq, Last: r.LastSeq, Object: r.Object, Bytes: r.Bytes, SHA256: r.SHA256}
}

// segmentBefore leaves out what is known of each message.
func segmentBefore(db *gorm.DB, roomID string, seq int64) (row archiveRow, found bool, err error) {
	var rows []archiveRow
	err = db.Omit("message_ids", "speakers").Where("room_id = ? AND first_seq <= ?", roomID, seq).Order("first_seq DESC").Limit(1).Find(&rows).Error
	if len(rows) == 0 {
		return row, false, err
	}
	return rows[0], true, err
}
