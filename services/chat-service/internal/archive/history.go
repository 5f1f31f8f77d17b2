package archive

import (
	"context"
	"log/slog"
	"math"
	"slices"

	"golang.org/x/sync/singleflight"

	"github.com/sixseat/sixseat/pkg/batch"
	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Store is the database, for those who read.
type Store interface {
	chat.Store
	// Heads returns the last seq of each of the rooms; those that do not exist are absent.
	Heads(ctx context.Context, roomIDs []string) (map[string]int64, error)
	// Following returns at most limit messages after each of the positions that the database has.
	Following(ctx context.Context, positions []chat.Position, limit int) (map[chat.Position][]chat.Message, error)
	// Segment returns the segment of the room that has the message with this seq or, if
	// none has it, the last one before.
	Segment(ctx context.Context, roomID string, seq int64) (s Segment, found bool, err error)
}

// History is a Store whose rooms begin with their first message, wherever that lies.
//
// Whoever reads asks the database first and the archive for what was not there: since
// messages go one way, what is missing in the first is in the second by then.
type History struct {
	Store
	objects Objects
	log     *slog.Logger
	counted *Counters
	cache   *cache
	fetches singleflight.Group
	places  chan struct{} // for those that are fetched now
}

// NewHistory makes one.
func NewHistory(store Store, objects Objects, log *slog.Logger, counted *Counters) *History {
	return &History{Store: store, objects: objects, log: log, counted: counted, cache: newCache(cacheOctets), places: make(chan struct{}, maxFetches)}
}

// Messages implements chat.Store.
func (h *History) Messages(ctx context.Context, roomID string, p chat.Page) ([]chat.Message, bool, error) {
	rows, more, err := h.Store.Messages(ctx, roomID, p)
	switch {
	case err != nil:
		return nil, false, err
	case p.After != nil:
		return h.after(ctx, roomID, p, rows, more)
	}
	return h.before(ctx, roomID, p, rows)
}

// after puts what is archived in front of the rows, if they do not follow at once.
func (h *History) after(ctx context.Context, roomID string, p chat.Page, rows []chat.Message, more bool) ([]chat.Message, bool, error) {
	next := *p.After + 1
	if len(rows) > 0 && rows[0].Seq == next {
		return rows, more, nil
	}
	items := []chat.Message{}
	for len(items) < p.Limit {
		part, err := h.from(ctx, roomID, next)
		if err != nil {
			return nil, false, err
		}
		if len(part) == 0 {
			break
		}
		items = append(items, part...)
		next += int64(len(part))
	}
	archived := len(items)
	for _, m := range rows {
		if m.Seq >= next { // the others were archived meanwhile
			items = append(items, m)
		}
	}
	switch {
	case len(items) > p.Limit:
		return items[:p.Limit], true, nil
	case archived == p.Limit: // the page ends in the archive, which may go on
		segment, found, err := h.Segment(ctx, roomID, next)
		return items, found && segment.Last >= next, err
	}
	return items, more, nil
}

// from returns the messages from a seq on that are in its segment; none if it is not
// archived.
func (h *History) from(ctx context.Context, roomID string, seq int64) ([]chat.Message, error) {
	segment, found, err := h.Segment(ctx, roomID, seq)
	if err != nil || !found || segment.Last < seq {
		return nil, err
	}
	messages, err := h.open(ctx, segment)
	if err != nil {
		return nil, err
	}
	return messages[seq-segment.First:], nil
}

// before puts what is archived in front of the rows, if they do not fill the page. Since
// there is no gap, there is more if the page does not begin with the first message.
//
// A segment that is not to be had makes the page shorter. Else nobody could open a room
// that came back to life while S3 is away, or ever again once a segment is lost.
func (h *History) before(ctx context.Context, roomID string, p chat.Page, rows []chat.Message) ([]chat.Message, bool, error) {
	items, last := rows, int64(math.MaxInt64)
	if p.Before != nil {
		last = *p.Before - 1
	}
	for len(items) < p.Limit {
		if len(items) > 0 {
			last = items[0].Seq - 1
		}
		segment, found, err := h.Segment(ctx, roomID, last)
		if err != nil {
			return nil, false, err
		}
		if !found {
			break
		}
		messages, err := h.fill(ctx, segment, len(items) > 0)
		if err != nil && len(items) > 0 && ctx.Err() == nil {
			return items, true, nil // fetch has logged it
		}
		if err != nil {
			return nil, false, err
		}
		messages = messages[:min(last, segment.Last)-segment.First+1]
		items = slices.Concat(messages[max(0, len(messages)-(p.Limit-len(items))):], items)
	}
	return items, len(items) > 0 && items[0].Seq > 1, nil
}

// fill opens a segment. Who has something to show without it waits less long.
func (h *History) fill(ctx context.Context, s Segment, optional bool) ([]chat.Message, error) {
	if optional {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, fillTimeout)
		defer cancel()
	}
	return h.open(ctx, s)
}

// Archived returns at most limit messages after a position that are archived: those of one
// segment, so there may be more. The database, asked before, has what is not archived.
func (h *History) Archived(ctx context.Context, p chat.Position, limit int) ([]chat.Message, error) {
	messages, err := h.from(ctx, p.RoomID, p.Seq+1)
	return messages[:min(len(messages), limit)], err
}

// Border returns the last seq of a room that is archived, 0 if none is.
func (h *History) Border(ctx context.Context, roomID string) (int64, error) {
	last, _, err := h.Segment(ctx, roomID, math.MaxInt64)
	return last.Last, err
}

// open returns a segment's messages, which must not be changed.
func (h *History) open(ctx context.Context, s Segment) ([]chat.Message, error) {
	if messages := h.cache.get(s.Object); messages != nil {
		h.counted.cached.Inc()
		return messages, nil
	}
	// Whoever asks first must not end the fetch for those who wait for the same.
	fetched := h.fetches.DoChan(s.Object, func() (any, error) { return h.fetch(context.WithoutCancel(ctx), s) })
	select {
	case f := <-fetched:
		messages, _ := f.Val.([]chat.Message)
		return messages, f.Err
	case <-ctx.Done():
		return nil, batch.Late(ctx)
	}
}

func (h *History) fetch(ctx context.Context, s Segment) (messages []chat.Message, err error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	defer func() {
		if err != nil {
			level, counter := slog.LevelError, h.counted.damaged
			if fault.Is(err, fault.Unavailable) {
				level, counter = slog.LevelWarn, h.counted.unread
			}
			counter.Inc()
			h.log.Log(ctx, level, "archive not read", "room_id", s.RoomID, "object", s.Object, "err", err)
		}
	}()
	select {
	case h.places <- struct{}{}:
		defer func() { <-h.places }()
	case <-ctx.Done():
		return nil, batch.Late(ctx)
	}
	data, err := h.objects.Get(ctx, s.Object, s.Bytes+1)
	if err != nil {
		return nil, err
	}
	messages, octets, err := s.unpack(data)
	if err != nil {
		return nil, err
	}
	h.counted.fetched.Inc()
	h.cache.put(s.Object, messages, octets)
	return messages, nil
}
