package store

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

//go:embed sqlite_look.sql
var sqliteLook string

// sqliteCommitter commits a batch in a few statements, however many posts it has.
// SQLite cannot number and insert in one, so the numbering is done here: there is one
// writer, and its transaction began as one. The rules are those of postgres_commit.sql;
// one suite tests both.
type sqliteCommitter struct{ db *gorm.DB }

func (c sqliteCommitter) commit(ctx context.Context, batch []groupedPost) (results []chat.Stored, err error) {
	err = c.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var removed map[int]bool
		if results, removed, err = look(tx, batch); err != nil {
			return err
		}
		heads, err := headsOf(tx, roomsOf(batch))
		if err != nil {
			return err
		}
		rows := number(batch, results, removed, heads)
		if len(rows) == 0 {
			return nil
		}
		if err := tx.CreateInBatches(&rows, maxBatch).Error; err != nil {
			return err
		}
		if err := sent(tx, rows); err != nil {
			return err
		}
		return advance(tx, rows)
	})
	if err != nil {
		return nil, fmt.Errorf("commit %d posts: %w", len(batch), err)
	}
	return results, nil
}

// locked is never asked for: who waits for the one writer waits for the whole database.
func (c sqliteCommitter) locked(context.Context, []string) ([]string, error) { return nil, nil }

// look finds out which posts are known, how their authors stand to the rooms, and whose
// pictures are being removed.
func look(tx *gorm.DB, batch []groupedPost) (results []chat.Stored, removed map[int]bool, err error) {
	posts := make([][4]string, len(batch))
	for i, p := range batch {
		posts[i] = [4]string{p.RoomID, p.ID, p.MemberID}
		if p.Picture != nil {
			posts[i][3] = p.Picture.ImageID
		}
	}
	list, err := json.Marshal(posts)
	if err != nil {
		return nil, nil, err
	}
	var found []struct {
		Ord      int
		Seq      int64
		Standing chat.Standing
		Removed  bool
	}
	if err := tx.Raw(sqliteLook, string(list)).Scan(&found).Error; err != nil {
		return nil, nil, err
	}
	results, removed = make([]chat.Stored, len(batch)), map[int]bool{}
	for _, f := range found {
		removed[f.Ord] = f.Removed
		results[f.Ord] = chat.Stored{Seq: f.Seq, Known: f.Seq > 0, Standing: f.Standing}
		if f.Seq > 0 {
			results[f.Ord].Standing = chat.Inside
		}
	}
	return results, removed, nil
}

// number gives each post that is new and allowed its seq, and returns the rows to
// insert. heads are moved on.
func number(batch []groupedPost, results []chat.Stored, removed map[int]bool, heads map[string]int64) []messageRow {
	refused := map[int]bool{}
	for i, p := range batch {
		if !results[i].Known && (results[i].Standing != chat.Inside || p.Fault != nil || removed[i]) {
			refused[p.group] = true
		}
	}
	type post struct{ room, id string }
	twins := map[post]int64{} // the same id twice in one batch is stored once
	var rows []messageRow
	for i, p := range batch {
		seq, twin := twins[post{p.RoomID, p.ID}]
		if results[i].Known || refused[p.group] && !twin {
			continue
		}
		if !twin {
			heads[p.RoomID]++
			seq = heads[p.RoomID]
			twins[post{p.RoomID, p.ID}] = seq
			rows = append(rows, rowOf(p.Message(seq)))
		}
		results[i] = chat.Stored{Seq: seq, Known: twin, Standing: chat.Inside}
	}
	return rows
}

// advance moves each room's last seq to that of its last row.
func advance(tx *gorm.DB, rows []messageRow) error {
	last := map[string]int64{}
	for _, r := range rows {
		last[r.RoomID] = r.Seq
	}
	for id, seq := range last {
		if err := tx.Model(&roomRow{}).Where("id = ?", id).Update("last_seq", seq).Error; err != nil {
			return err
		}
	}
	return nil
}
