package redisqueue

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Entries hands over what the entry feed (matchapi.EntriesStream) holds beyond the last
// entry that any node has handled, up to maxEntries together, and notes how far it came.
// handle says how many of them, from the first, are done; with an error the rest comes
// again. It returns how many were handled, and whether there may be more.
func (q *Queue) Entries(ctx context.Context, handle func([]matchapi.Entry) (done int, err error)) (handled int, more bool, err error) {
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
	if len(messages) == 0 {
		return 0, false, nil
	}
	p := readPage(messages)
	handled, failed := handle(p.entries)
	if failed == nil {
		handled = len(p.entries)
	}
	last, upto := p.before(handled)
	if last == "" { // not even the first
		return 0, false, failed
	}
	err = errors.Join(failed, p.bad, q.advance(ctx, last, upto))
	return handled, failed == nil && len(messages) == maxEntries, err
}

// page is a part of the feed.
type page struct {
	entries []matchapi.Entry
	at      []int   // where each of them stands in messages
	beats   []int64 // for each message: up to when nothing is missing, in Unix ms
	ids     []string
	bad     error // what is no entry: it will not get better, and the rest must not wait for it
}

func readPage(messages []redis.XMessage) page {
	var p page
	var upto int64
	for i, m := range messages {
		e, bad := matchapi.ParseEntry(m.Values)
		switch {
		case bad != nil:
			p.bad = errors.Join(p.bad, fmt.Errorf("entry feed, %s: %w", m.ID, bad))
		case e.Kind == matchapi.KindHeartbeat:
			upto = e.At.UnixMilli()
		default:
			p.entries, p.at = append(p.entries, e), append(p.at, i)
		}
		p.ids, p.beats = append(p.ids, m.ID), append(p.beats, upto)
	}
	return p
}

// before is the last message before the n-th entry, or the last of all behind the last
// entry, and up to when nothing is missing there. The id is empty where there is none.
func (p page) before(n int) (id string, upto int64) {
	end := len(p.ids)
	if n < len(p.at) {
		end = p.at[n]
	}
	if end == 0 {
		return "", 0
	}
	return p.ids[end-1], p.beats[end-1]
}

func (q *Queue) advance(ctx context.Context, read string, upto int64) error {
	if err := q.scripts.advance.Run(ctx, q.rdb, []string{q.base}, read, upto).Err(); err != nil {
		return translate(fmt.Errorf("note place in entry feed: %w", err))
	}
	return nil
}
