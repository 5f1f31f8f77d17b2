package archive

import (
	"context"
	"log/slog"
	"math"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
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
	// Segments returns those of the room's segments that have any of the messages from seq
	// first to last, ascending.
	Segments(ctx context.Context, roomID string, first, last int64) ([]Segment, error)
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

// after puts what is archived in front of the rows, if they do not follow at once. The page
// is whole, or it is refused: a hole would be taken for the truth.
func (h *History) after(ctx context.Context, roomID string, p chat.Page, rows []chat.Message, more bool) ([]chat.Message, bool, error) {
	first := *p.After + 1
	if len(rows) > 0 && rows[0].Seq == first {
		return rows, more, nil
	}
	items, more, err := h.archived(ctx, roomID, first, p.Limit)
	if err != nil {
		return nil, false, err
	}
	for _, m := range rows {
		if m.Seq >= first+int64(len(items)) { // the others were archived meanwhile
			items = append(items, m)
		}
	}
	if len(items) > p.Limit {
		return items[:p.Limit], true, nil
	}
	return items, more, nil
}

// Archived returns at most limit messages after a position that are archived. The database,
// asked before, has what is not archived.
func (h *History) Archived(ctx context.Context, p chat.Position, limit int) ([]chat.Message, error) {
	items, _, err := h.archived(ctx, p.RoomID, p.Seq+1, limit)
	return items, err
}

// archived returns at most limit archived messages from a seq on, and whether more of them
// follow.
func (h *History) archived(ctx context.Context, roomID string, first int64, limit int) (items []chat.Message, more bool, err error) {
	next := first + int64(limit)
	segments, err := h.Segments(ctx, roomID, first, next)
	if err != nil {
		return nil, false, err
	}
	if n := len(segments); n > 0 && segments[n-1].Last >= next {
		more = true
		if segments[n-1].First == next { // only to know that it is there
			segments = segments[:n-1]
		}
	}
	items = []chat.Message{}
	for _, part := range h.openAll(ctx, segments, first, next-1, openTimeout) {
		if part.err != nil {
			return nil, false, part.err
		}
		items = append(items, part.messages...)
	}
	return items, more, nil
}

// before puts what is archived in front of the rows, if they do not fill the page. Since
// there is no gap, there is more if the page does not begin with the first message.
//
// A segment that is not to be had makes the page shorter. Else nobody could open a room
// that came back to life while S3 is away, or ever again once a segment is lost.
func (h *History) before(ctx context.Context, roomID string, p chat.Page, rows []chat.Message) ([]chat.Message, bool, error) {
	if len(rows) == p.Limit || len(rows) > 0 && rows[0].Seq == 1 {
		return rows, len(rows) > 0 && rows[0].Seq > 1, nil
	}
	last, patience := int64(math.MaxInt64), openTimeout
	if p.Before != nil {
		last = *p.Before - 1
	}
	if len(rows) > 0 { // who has something to show waits less long for what comes before it
		last, patience = rows[0].Seq-1, fillTimeout
	}
	newest, found, err := h.Segment(ctx, roomID, last)
	if err != nil || !found {
		return rows, false, err
	}
	last = min(last, newest.Last)
	first := max(1, last-int64(p.Limit-len(rows))+1)
	segments, err := h.Segments(ctx, roomID, first, last)
	if err != nil {
		return nil, false, err
	}
	items := rows
	for _, part := range slices.Backward(h.openAll(ctx, segments, first, last, patience)) {
		if part.err != nil && (len(items) == 0 || ctx.Err() != nil) {
			return nil, false, part.err
		}
		if part.err != nil {
			break // fetch has logged it
		}
		items = slices.Concat(part.messages, items)
	}
	return items, len(items) > 0 && items[0].Seq > 1, nil
}

// part is what a page needs of a segment, or why that is not to be had.
type part struct {
	messages []chat.Message
	err      error
}

// openAll takes the messages from seq first to last out of segments. It opens some at a time,
// the last ones first, and ends with all of them or when patience does.
func (h *History) openAll(ctx context.Context, segments []Segment, first, last int64, patience time.Duration) []part {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	parts := make([]part, len(segments))
	var opening errgroup.Group // its errors are the parts'
	opening.SetLimit(maxFetchesEach)
	for i, s := range slices.Backward(segments) {
		opening.Go(func() error {
			messages, err := h.open(ctx, s)
			if err == nil { // copied, so that who waits for another part holds no segment
				messages = slices.Clone(messages[max(first, s.First)-s.First : min(last, s.Last)-s.First+1])
			}
			parts[i] = part{messages, err}
			return nil
		})
	}
	_ = opening.Wait() // nil
	return parts
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
	if messages := h.cache.get(s.Object); messages != nil { // since it was looked for there
		return messages, nil
	}
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
	messages, err = s.unpack(data)
	if err != nil {
		return nil, err
	}
	h.counted.fetched.Inc()
	h.cache.put(s.Object, messages)
	return messages, nil
}
