// Package orphans removes pictures that were kept for a message which was then never stored:
// its SEND was refused, or its node died.
//
// It belongs to the domain and knows no SQL and no S3. The messages alone say whether a picture
// is shown: Rows only name those that may not be, and see that no message gets them later.
package orphans

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Rows are the pictures that a SEND has tried and no message has. Errors are faults of kind
// Unavailable while the database is away.
type Rows interface {
	// Unsent names pictures of one room that nobody has touched since before, or no room if
	// there are none; they may be none, too, where another node was faster. From then on no
	// SEND of them is stored, and every message that has one can be read. They count as
	// touched at a time: whoever asks may die, and others ask again.
	Unsent(ctx context.Context, before, at time.Time) (roomID string, imageIDs []string, err error)
	// Shown forgets one of them, since a message has it.
	Shown(ctx context.Context, roomID, imageID string) error
	// Removed says that one is not there any more. It is never sent again, and is named once
	// more, later: a write that was on its way may have come after the removal.
	Removed(ctx context.Context, roomID, imageID string) error
}

// History is all that was said in a room, from the newest to the first message.
type History interface {
	Messages(ctx context.Context, roomID string, p chat.Page) (items []chat.Message, more bool, err error)
}

// Objects is where pictures lie.
type Objects interface {
	// Remove takes a picture away. What is not there is no error.
	Remove(ctx context.Context, roomID, imageID string) error
}

// Sweeper removes orphans. Any number of nodes may do it at once, and die at any step.
type Sweeper struct {
	rows    Rows
	history History
	objects Objects
	now     func() time.Time
	log     *slog.Logger
	counted *counters
}

// New makes one.
func New(rows Rows, history History, objects Objects, now func() time.Time, log *slog.Logger) *Sweeper {
	return &Sweeper{rows: rows, history: history, objects: objects, now: now, log: log, counted: newCounters()}
}

// Run sweeps until ctx ends.
func (s *Sweeper) Run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("pictures without a message stay until the next sweep", "err", err)
		}
	}
}

// Sweep removes all orphans that are due. A store that is away ends it; what is wrong with one
// room does not.
func (s *Sweeper) Sweep(ctx context.Context) error {
	for {
		now := s.now()
		room, pictures, err := s.rows.Unsent(ctx, now.Add(-unsentFor), now)
		if err != nil || room == "" {
			return err
		}
		err = s.room(ctx, room, pictures)
		switch {
		case err == nil:
		case fault.Is(err, fault.Unavailable) || ctx.Err() != nil:
			return err
		default:
			s.log.Error("pictures without a message not removed", "room_id", room, "err", err)
		}
	}
}

// room removes those of the pictures that no message of the room has.
func (s *Sweeper) room(ctx context.Context, roomID string, pictures []string) error {
	shown, err := s.shown(ctx, roomID, pictures)
	if err != nil {
		s.counted.failed.Add(float64(len(pictures)))
		return err
	}
	for i, id := range pictures {
		if err := s.picture(ctx, roomID, id, shown[id]); err != nil {
			s.counted.failed.Add(float64(len(pictures) - i))
			return err
		}
	}
	return nil
}

func (s *Sweeper) picture(ctx context.Context, roomID, id string, shown bool) error {
	if shown {
		s.counted.shown.Inc()
		return s.rows.Shown(ctx, roomID, id)
	}
	if err := s.objects.Remove(ctx, roomID, id); err != nil {
		return err
	}
	if err := s.rows.Removed(ctx, roomID, id); err != nil {
		return err
	}
	s.counted.removed.Inc()
	return nil
}

// shown reads the room from its newest message on, until all pictures were seen. A page that is
// short, since the archive does not answer, is not taken for the beginning.
func (s *Sweeper) shown(ctx context.Context, roomID string, pictures []string) (map[string]bool, error) {
	left, shown := map[string]bool{}, map[string]bool{}
	for _, id := range pictures {
		left[id] = true
	}
	page := chat.Page{Limit: chat.MaxPage}
	for len(left) > 0 {
		messages, more, err := s.history.Messages(ctx, roomID, page)
		if err != nil {
			return nil, err
		}
		for _, m := range messages {
			if m.Image != nil && left[m.Image.ImageID] {
				shown[m.Image.ImageID] = true
				delete(left, m.Image.ImageID)
			}
		}
		if !more {
			break
		}
		if len(messages) == 0 {
			return nil, fmt.Errorf("read room %s: there is more, and nothing comes", roomID)
		}
		page.Before = &messages[0].Seq
	}
	return shown, nil
}
