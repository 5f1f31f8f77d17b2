package redisqueue

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Entries hands over what the entry feed (matchapi.EntriesStream) holds beyond the last
// entry that any node has handled, up to maxEntries, and notes how far it came. An error
// of handle ends it there, so that the entry comes again. It returns how many entries of
// kind entered were handled, and whether there may be more.
func (q *Queue) Entries(ctx context.Context, handle func(matchapi.Entry) error) (entered int, more bool, err error) {
	read, err := q.rdb.HGet(ctx, q.base+feedSuffix, "read").Result()
	if errors.Is(err, redis.Nil) {
		read, err = "0-0", nil
	}
	if err != nil {
		return 0, false, translate(fmt.Errorf("find place in entry feed: %w", err))
	}
	messages, err := q.rdb.XRangeN(ctx, q.entries, "("+read, "+", maxEntries).Result()
	if err != nil {
		return 0, false, translate(fmt.Errorf("read entry feed: %w", err))
	}
	var upto int64
	for _, m := range messages {
		e, bad := matchapi.ParseEntry(m.Values)
		switch {
		case bad != nil:
			// It will not get better. Whoever wrote it, the rest must not wait for it.
			err = errors.Join(err, fmt.Errorf("entry feed, %s: %w", m.ID, bad))
		case e.Kind == matchapi.KindHeartbeat:
			upto = e.At.UnixMilli()
		default:
			if failed := handle(e); failed != nil {
				return entered, false, errors.Join(failed, q.advance(ctx, read, upto))
			}
			entered++
		}
		read = m.ID
	}
	if len(messages) == 0 {
		return 0, false, nil
	}
	return entered, len(messages) == maxEntries, errors.Join(err, q.advance(ctx, read, upto))
}

func (q *Queue) advance(ctx context.Context, read string, upto int64) error {
	if err := q.scripts.advance.Run(ctx, q.rdb, []string{q.base}, read, upto).Err(); err != nil {
		return translate(fmt.Errorf("note place in entry feed: %w", err))
	}
	return nil
}
