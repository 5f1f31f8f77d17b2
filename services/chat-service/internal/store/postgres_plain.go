package store

import (
	"context"
	_ "embed"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

//go:embed postgres_plain.sql
var postgresPlain string

//go:embed postgres_advance.sql
var postgresAdvance string

// plain reports whether all of a batch are posts that storePlain knows: nothing is wrong
// with any, and none has a picture.
func plain(batch []groupedPost) bool {
	return !slices.ContainsFunc(batch, func(p groupedPost) bool { return p.Fault != nil || p.Picture != nil })
}

// storePlain stores a batch whose posts are all new and by members who are inside, in statements
// that find out nothing else. Of any other batch it stores nothing, and the error is notPlain.
func storePlain(ctx context.Context, pg *pgx.Conn, batch []groupedPost) ([]chat.Stored, error) {
	posts, err := columns(batch)
	if err != nil {
		return nil, err
	}
	ids := roomsOf(batch)
	rooms, err := uuids(ids)
	if err != nil {
		return nil, err
	}
	places, counts := placesOf(batch, ids)
	var pipeline pgx.Batch
	pipeline.Queue(postgresLock, rooms)
	pipeline.Queue(postgresPlain, append(posts, places)...)
	pipeline.Queue(postgresAdvance, rooms, counts)
	answers := pg.SendBatch(ctx, &pipeline)
	heads, err := readHeads(answers)
	if err = committed(answers, err); err != nil {
		return nil, err
	}
	results := make([]chat.Stored, len(batch))
	for i, p := range batch {
		results[i] = chat.Stored{Seq: heads[p.RoomID] + places[i], Standing: chat.Inside}
	}
	return results, nil
}

// placesOf gives each post its place among those of its room, from 1, and says how many each
// of the rooms has.
func placesOf(batch []groupedPost, rooms []string) (places, counts []int64) {
	posts := make(map[string]int64, len(rooms)) // so far
	places, counts = make([]int64, len(batch)), make([]int64, len(rooms))
	for i, p := range batch {
		posts[p.RoomID]++
		places[i] = posts[p.RoomID]
	}
	for i, id := range rooms {
		counts[i] = posts[id]
	}
	return places, counts
}

// readHeads reads the last seqs of the rooms that were locked.
func readHeads(answers pgx.BatchResults) (map[string]int64, error) {
	rows, err := answers.Query()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	heads := map[string]int64{}
	for rows.Next() {
		var id string
		var seq int64
		if err := rows.Scan(&id, &seq); err != nil {
			return nil, err
		}
		heads[id] = seq
	}
	return heads, rows.Err()
}

// notPlain reports whether err is one of those by which postgres_plain.sql says that the batch
// needs a closer look: unique_violation and division_by_zero (PostgreSQL 15, appendix A).
func notPlain(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "23505" || pg.Code == "22012")
}
