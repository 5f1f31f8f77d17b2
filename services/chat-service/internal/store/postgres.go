package store

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sixseat/sixseat/pkg/database"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

//go:embed postgres_lock.sql
var postgresLock string

//go:embed postgres_locked.sql
var postgresLocked string

//go:embed postgres_commit.sql
var postgresCommit string

// postgresCommitter commits a batch in one round trip: two statements in one pipeline,
// which PostgreSQL runs as one implicit transaction (PostgreSQL 15, section 55.2.4).
// The second is a statement of its own so that its snapshot is taken after the locks
// are held, and sees what was committed while the first waited.
type postgresCommitter struct{ pool *sql.DB }

func (c postgresCommitter) commit(ctx context.Context, batch []groupedPost) (results []chat.Stored, err error) {
	conn, err := c.pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("commit: %w", err)
	}
	defer func() { err = closing(conn, err) }()
	err = database.Raw(ctx, conn, func(pg *pgx.Conn) error {
		var pipeline pgx.Batch
		pipeline.Queue(postgresLock, roomsOf(batch))
		pipeline.Queue(postgresCommit, columns(batch)...)
		answers := pg.SendBatch(ctx, &pipeline)
		results, err = readResults(answers, len(batch))
		// Close waits for the end of the implicit transaction: only then it is committed.
		if closeErr := answers.Close(); err == nil {
			err = closeErr
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("commit %d posts: %w", len(batch), err)
	}
	return results, nil
}

// closing gives the connection back to the pool.
func closing(conn *sql.Conn, err error) error {
	if closeErr := conn.Close(); err == nil && closeErr != nil {
		return fmt.Errorf("commit: %w", closeErr)
	}
	return err
}

func (c postgresCommitter) locked(ctx context.Context, roomIDs []string) (ids []string, err error) {
	rows, err := c.pool.QueryContext(ctx, postgresLocked, roomIDs)
	if err != nil {
		return nil, fmt.Errorf("look for locked rooms: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("look for locked rooms: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func readResults(answers pgx.BatchResults, n int) ([]chat.Stored, error) {
	if _, err := answers.Exec(); err != nil {
		return nil, err
	}
	rows, err := answers.Query()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	results := make([]chat.Stored, n)
	for rows.Next() {
		var ord int
		var st chat.Stored
		if err := rows.Scan(&ord, &st.Seq, &st.Known, &st.Standing); err != nil {
			return nil, err
		}
		results[ord-1] = st
	}
	return results, rows.Err()
}

func roomsOf(batch []groupedPost) []string {
	rooms := make([]string, len(batch))
	for i, p := range batch {
		rooms[i] = p.RoomID
	}
	slices.Sort(rooms)
	return slices.Compact(rooms)
}

// columns turns the batch into the arrays that the statement unnests, in its order.
func columns(batch []groupedPost) []any {
	n := len(batch)
	groups, rooms, ids, members := make([]int, n), make([]string, n), make([]string, n), make([]string, n)
	keys, types, comments, names, times := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]time.Time, n)
	faulty, images := make([]bool, n), make([]string, n)
	for i, p := range batch {
		groups[i], rooms[i], ids[i], members[i] = p.group, p.RoomID, p.ID, p.MemberID
		keys[i], types[i], comments[i], names[i], times[i] = p.Key, p.Type, p.Comment, p.Nickname, p.At
		faulty[i], images[i] = p.Fault != nil, pictureColumn{p.Picture}.text()
	}
	return []any{groups, rooms, ids, members, keys, types, comments, names, times, faulty, images}
}
