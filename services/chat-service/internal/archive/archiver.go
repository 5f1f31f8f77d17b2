package archive

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Archiver takes rooms without a message for some time out of the database. Any number of
// nodes may do it at once; one that dies at any step leaves a room as it was, or archived
// up to some segment, and whoever claims it next goes on from there.
type Archiver struct {
	rows    Rows
	objects Objects
	after   time.Duration
	now     func() time.Time
	log     *slog.Logger
	counted *Counters
}

// NewArchiver makes one for rooms that are silent for longer than after.
func NewArchiver(rows Rows, objects Objects, after time.Duration, now func() time.Time, log *slog.Logger, counted *Counters) *Archiver {
	return &Archiver{rows: rows, objects: objects, after: after, now: now, log: log, counted: counted}
}

// Run sweeps until ctx ends.
func (a *Archiver) Run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := a.Sweep(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("archiving stopped until the next sweep", "err", err)
		}
	}
}

// Sweep archives all rooms that are due and that nobody else has claimed. A store that is
// away ends it; what is wrong with one room does not.
func (a *Archiver) Sweep(ctx context.Context) error {
	for {
		quiet := a.now().Add(-a.after)
		rooms, err := a.rows.Claim(ctx, quiet, quiet.Add(claimFor), claimAtOnce)
		if err != nil || len(rooms) == 0 {
			return err
		}
		for _, id := range rooms {
			err := a.room(ctx, id, quiet)
			if err == nil {
				continue
			}
			a.counted.failed.Inc()
			if fault.Is(err, fault.Unavailable) || ctx.Err() != nil {
				return err
			}
			a.log.Error("room not archived", "room_id", id, "err", err)
		}
	}
}

// room archives a room if it is silent since quiet, segment by segment.
func (a *Archiver) room(ctx context.Context, id string, quiet time.Time) error {
	for moved := 0; moved < maxMoved; {
		looked := a.now() // before it is: what is said meanwhile is newer
		messages, newest, err := a.rows.Oldest(ctx, id, segmentMessages)
		if err != nil {
			return err
		}
		if len(messages) == 0 {
			return a.rows.Looked(ctx, id, looked)
		}
		if newest.CreatedAt.After(quiet) {
			return a.rows.Looked(ctx, id, newest.CreatedAt.Time)
		}
		segment, messages, data, err := pack(messages)
		if err != nil {
			return fmt.Errorf("archive room %s: %w", id, err)
		}
		if err := a.store(ctx, segment, data); err != nil {
			return err
		}
		done, err := a.rows.Archive(ctx, segment, messages, newest.Seq, looked)
		if err != nil {
			return err
		}
		if !done { // somebody spoke, or another node went on with it
			moved++
			continue
		}
		a.counted.stored.Inc()
		a.counted.messages.Add(float64(len(messages)))
		a.log.Info("archived", "room_id", id, "first_seq", segment.First, "last_seq", segment.Last, "object", segment.Object, "bytes", segment.Bytes)
	}
	return fmt.Errorf("it was not as it had been read, %d times", maxMoved)
}

// store puts a segment's object into the archive, and sees that it is there as it should be.
func (a *Archiver) store(ctx context.Context, s Segment, data []byte) error {
	if err := a.objects.Put(ctx, s.Object, data, s.SHA256); err != nil {
		return err
	}
	back, err := a.objects.Get(ctx, s.Object, s.Bytes+1)
	if err != nil {
		return err
	}
	return s.check(back)
}

// errNoObjects is what NoObjects says.
var errNoObjects = fault.New(fault.Unavailable, "There is no archive here.")

// NoObjects is the Objects of a system that has no archive.
type NoObjects struct{}

// Put implements Objects.
func (NoObjects) Put(context.Context, string, []byte, string) error { return errNoObjects }

// Get implements Objects.
func (NoObjects) Get(context.Context, string, int64) ([]byte, error) { return nil, errNoObjects }
