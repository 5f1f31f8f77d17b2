package store

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/sixseat/sixseat/pkg/database"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

//go:embed postgres_lock.sql
var postgresLock string

//go:embed postgres_locked.sql
var postgresLocked string

//go:embed postgres_commit.sql
var postgresCommit string

// postgresCommitter commits a batch in one round trip: statements in one pipeline,
// which PostgreSQL runs as one implicit transaction (PostgreSQL 15, section 55.2.4).
// What follows the locks are statements of their own so that their snapshots are taken when
// the locks are held, and see what was committed while the first waited.
type postgresCommitter struct {
	pool *sql.DB
	wary int // for so many commits more no batch is tried as a plain one
}

func (c *postgresCommitter) commit(ctx context.Context, batch []groupedPost) (results []chat.Stored, err error) {
	conn, err := c.pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("commit: %w", err)
	}
	defer func() { err = closing(conn, err) }()
	err = database.Raw(ctx, conn, func(pg *pgx.Conn) error {
		if c.wary > 0 {
			c.wary--
		} else if plain(batch) {
			if results, err = storePlain(ctx, pg, batch); !notPlain(err) {
				return err
			}
			c.wary = waryFor
		}
		results, err = store(ctx, pg, batch)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("commit %d posts: %w", len(batch), err)
	}
	return results, nil
}

// store stores a batch of any kind.
func store(ctx context.Context, pg *pgx.Conn, batch []groupedPost) ([]chat.Stored, error) {
	n := len(batch)
	groups, faulty, images := make([]int, n), make([]bool, n), make([]string, n)
	for i, p := range batch {
		groups[i], faulty[i], images[i] = p.group, p.Fault != nil, pictureColumn{p.Picture}.text()
	}
	posts, err := columns(batch)
	if err != nil {
		return nil, err
	}
	var pipeline pgx.Batch
	pipeline.Queue(postgresLock, roomsOf(batch))
	pipeline.Queue(postgresCommit, append(posts, groups, faulty, images)...)
	answers := pg.SendBatch(ctx, &pipeline)
	results, err := readResults(answers, n)
	return results, committed(answers, err)
}

// committed waits for the end of the implicit transaction: only then it is committed.
func committed(answers pgx.BatchResults, err error) error {
	if closeErr := answers.Close(); err == nil {
		return closeErr
	}
	return err
}

// closing gives the connection back to the pool.
func closing(conn *sql.Conn, err error) error {
	if closeErr := conn.Close(); err == nil && closeErr != nil {
		return fmt.Errorf("commit: %w", closeErr)
	}
	return err
}

func (c *postgresCommitter) locked(ctx context.Context, roomIDs []string) (ids []string, err error) {
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

// columns turns the batch into the arrays that a statement unnests, in its order.
func columns(batch []groupedPost) ([]any, error) {
	n := len(batch)
	rooms, ids := make([]string, n), make([]string, n)
	members, keys, types := make([]string, n), make([]string, n), make([]string, n)
	comments, names, times := make([]string, n), make([]string, n), make([]time.Time, n)
	for i, p := range batch {
		rooms[i], ids[i] = p.RoomID, p.ID
		members[i], keys[i], types[i] = p.MemberID, p.Key, p.Type
		comments[i], names[i], times[i] = p.Comment, p.Nickname, p.At
	}
	roomUUIDs, roomErr := uuids(rooms)
	idUUIDs, idErr := uuids(ids)
	return []any{roomUUIDs, idUUIDs, members, keys, types, comments, names, times}, errors.Join(roomErr, idErr)
}

// uuids are ids as PostgreSQL keeps them: an array of strings goes as text, which it would
// have to take apart.
func uuids(ids []string) ([]pgtype.UUID, error) {
	parsed := make([]pgtype.UUID, len(ids))
	for i, id := range ids {
		if err := parsed[i].Scan(id); err != nil {
			return nil, fmt.Errorf("id %q: %w", id, err)
		}
	}
	return parsed, nil
}
