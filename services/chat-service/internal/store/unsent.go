package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/database"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// unsentRow is a picture that may be in the bucket, and that no message has yet.
type unsentRow struct {
	RoomID  string `gorm:"primaryKey"`
	ImageID string `gorm:"primaryKey"`
	State   string
	Since   time.Time
}

func (unsentRow) TableName() string { return "unsent_pictures" }

// The states of an unsentRow, in their order. After pictureSending no commit takes the picture
// any more. It is removed twice, an hour apart: a write that was on its way may come after the
// first time.
const (
	pictureSending  = "sending"
	pictureRemoving = "removing"
	pictureAgain    = "again"
	pictureRemoved  = "removed"
)

// Sending implements chat.Store.
func (s *Store) Sending(ctx context.Context, roomID, imageID string, at time.Time) error {
	row := unsentRow{RoomID: roomID, ImageID: imageID, State: pictureSending, Since: at.UTC()}
	result := s.db.WithContext(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "room_id"}, {Name: "image_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"since"}),
		Where:     clause.Where{Exprs: []clause.Expression{clause.Eq{Column: "unsent_pictures.state", Value: pictureSending}}},
	}).Create(&row)
	if result.Error != nil {
		return database.Fault(fmt.Errorf("note that a picture is sent to room %s: %w", roomID, result.Error))
	}
	if result.RowsAffected == 0 {
		return chat.PictureRemoved()
	}
	return nil
}

// sent takes away the rows of pictures that messages have from now on; postgres_commit.sql has
// its own way.
func sent(tx *gorm.DB, rows []messageRow) error {
	for _, r := range rows {
		if r.Type != chatapi.Image {
			continue
		}
		if err := tx.Delete(&unsentRow{RoomID: r.RoomID, ImageID: r.Image.ImageID}).Error; err != nil {
			return err
		}
	}
	return nil
}

// Unsent implements orphans.Rows. The room's row is locked first, as by those who commit: what
// they have stored before can be read afterwards, and what they store then has no such picture.
func (s *Store) Unsent(ctx context.Context, before, at time.Time) (roomID string, imageIDs []string, err error) {
	err = s.patiently(ctx, func(tx *gorm.DB) error {
		roomID, imageIDs = "", nil // this may be a second try
		var oldest []unsentRow
		if err := due(tx, before).Order("since").Limit(1).Find(&oldest).Error; err != nil || len(oldest) == 0 {
			return err
		}
		roomID = oldest[0].RoomID
		if _, err := lockRoom(tx, roomID); err != nil && !isNotFound(err) {
			return err
		}
		var claimed []unsentRow
		err := due(tx, before).Model(&claimed).Clauses(clause.Returning{}).Where("room_id = ?", roomID).
			Updates(map[string]any{"state": gorm.Expr("CASE state WHEN ? THEN ? ELSE state END", pictureSending, pictureRemoving), "since": at.UTC()}).Error
		for _, r := range claimed {
			imageIDs = append(imageIDs, r.ImageID)
		}
		return err
	})
	if err != nil {
		return "", nil, database.Fault(fmt.Errorf("look for pictures without a message: %w", err))
	}
	return roomID, imageIDs, nil
}

// due are those that nobody has touched since before, in the words of their index.
func due(tx *gorm.DB, before time.Time) *gorm.DB {
	return tx.Where("state <> 'removed' AND since < ?", before.UTC())
}

// Shown implements orphans.Rows.
func (s *Store) Shown(ctx context.Context, roomID, imageID string) error {
	err := s.db.WithContext(ctx).Where("state <> ?", pictureSending).Delete(&unsentRow{RoomID: roomID, ImageID: imageID}).Error
	if err != nil {
		return database.Fault(fmt.Errorf("note that room %s has a picture: %w", roomID, err))
	}
	return nil
}

// Removed implements orphans.Rows.
func (s *Store) Removed(ctx context.Context, roomID, imageID string) error {
	err := s.db.WithContext(ctx).Model(&unsentRow{RoomID: roomID, ImageID: imageID}).Where("state <> ?", pictureSending).
		Update("state", gorm.Expr("CASE state WHEN ? THEN ? ELSE ? END", pictureRemoving, pictureAgain, pictureRemoved)).Error
	if err != nil {
		return database.Fault(fmt.Errorf("note that a picture of room %s is removed: %w", roomID, err))
	}
	return nil
}
