package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// sqliteCommitter commits a batch row by row: SQLite has one writer, no round trips,
// and no arrays. The rules are those of postgres_commit.sql; one suite tests both.
type sqliteCommitter struct{ db *gorm.DB }

func (c sqliteCommitter) commit(ctx context.Context, batch []groupedPost) ([]chat.Stored, error) {
	results := make([]chat.Stored, len(batch))
	err := c.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		refused := map[int]bool{}
		for i, p := range batch {
			var err error
			if results[i], err = look(tx, p.Post); err != nil {
				return err
			}
			if results[i].Seq == 0 && results[i].Standing != chat.Inside {
				refused[p.group] = true
			}
		}
		for i, p := range batch {
			if results[i].Known || refused[p.group] {
				continue
			}
			var err error
			if results[i], err = insert(tx, p.Post); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("commit %d posts: %w", len(batch), err)
	}
	return results, nil
}

// look finds the post if it is known, else how its author stands to the room.
func look(tx *gorm.DB, p chat.Post) (chat.Stored, error) {
	var known []messageRow
	err := tx.Select("seq").Where("room_id = ? AND message_id = ?", p.RoomID, p.ID).Find(&known).Error
	if err != nil {
		return chat.Stored{}, err
	}
	if len(known) > 0 {
		return chat.Stored{Seq: known[0].Seq, Known: true, Standing: chat.Inside}, nil
	}
	var seats []seatRow
	err = tx.Where("room_id = ? AND member_id = ? AND entered_at IS NOT NULL", p.RoomID, p.MemberID).Find(&seats).Error
	if err != nil || len(seats) == 0 {
		return chat.Stored{}, err
	}
	return chat.Stored{Standing: seats[0].standing()}, nil
}

// insert stores one post with the room's next seq, unless the same id came earlier in
// this batch.
func insert(tx *gorm.DB, p chat.Post) (chat.Stored, error) {
	twin, err := look(tx, p)
	if err != nil || twin.Known {
		return twin, err
	}
	room, err := lockRoom(tx, p.RoomID)
	if err != nil {
		return chat.Stored{}, err
	}
	row := rowOf(p.Message(room.LastSeq + 1))
	if err := tx.Create(&row).Error; err != nil {
		return chat.Stored{}, err
	}
	err = tx.Model(&roomRow{}).Where("id = ?", room.ID).Update("last_seq", row.Seq).Error
	return chat.Stored{Seq: row.Seq, Standing: chat.Inside}, err
}
