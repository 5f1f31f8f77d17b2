// Package redisfeed tells match-service who entered which seat: it moves entries from
// the outbox in chat-service's database to the Redis stream that match-service reads
// (matchapi.EntriesStream says what both sides promise). Each node runs one; they may
// repeat each other, which the reader does not mind.
package redisfeed

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Outbox is where entries wait.
type Outbox interface {
	// Filled gets a value when something was put into the outbox by this node.
	Filled() <-chan struct{}
	// Untold and ToldBefore return the oldest entries that were not told yet, or that were
	// told before a time.
	Untold(ctx context.Context, limit int) ([]matchapi.Entry, error)
	ToldBefore(ctx context.Context, at time.Time, limit int) ([]matchapi.Entry, error)
	Told(ctx context.Context, entries []matchapi.Entry, at time.Time) error
	Forget(ctx context.Context, entries []matchapi.Entry) error
}

// Feed moves entries.
type Feed struct {
	outbox Outbox
	redis  redis.UniversalClient
	now    func() time.Time
	log    *slog.Logger
}

// New makes a Feed. It moves nothing until Run.
func New(outbox Outbox, client redis.UniversalClient, now func() time.Time, log *slog.Logger) *Feed {
	return &Feed{outbox: outbox, redis: client, now: now, log: log}
}

// Run moves entries, with a heartbeat behind them, until ctx ends. While either store is
// away everything stays in the outbox and no heartbeat is sent, so no seat is given on.
func (f *Feed) Run(ctx context.Context) {
	tick := time.NewTicker(matchapi.HeartbeatEvery)
	defer tick.Stop()
	failing := false
	move := f.Move
	for {
		err := move(ctx)
		if failed := err != nil && ctx.Err() == nil; failed != failing { // each change once, not each second
			failing = failed
			f.log.Warn("entry feed", "failing", failing, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			move = f.Move
		case <-f.outbox.Filled():
			move = f.tellNew // at once: a member who has entered may want to wait anew
		}
	}
}

// Move tells what is in the outbox and appends a heartbeat.
func (f *Feed) Move(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	clock := f.now()
	if err := f.tellNew(ctx); err != nil {
		return err
	}
	if err := f.tellAgain(ctx, clock); err != nil {
		return err
	}
	beat := matchapi.Entry{Kind: matchapi.KindHeartbeat, EntryID: uuid.NewString(), At: clock.Add(-slack)}
	return f.tell(ctx, []matchapi.Entry{beat})
}

// tellNew tells what was not told yet.
func (f *Feed) tellNew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for {
		entries, err := f.outbox.Untold(ctx, batch)
		if err != nil || len(entries) == 0 {
			return err
		}
		if err := f.tell(ctx, entries); err != nil {
			return err
		}
		if err := f.outbox.Told(ctx, entries, f.now()); err != nil {
			return err
		}
	}
}

// tellAgain tells everything a second time before it is forgotten: Redis may have lost its
// memory, or its last second in a fail-over, before anybody had read the first.
func (f *Feed) tellAgain(ctx context.Context, now time.Time) error {
	for {
		entries, err := f.outbox.ToldBefore(ctx, now.Add(-againAfter), batch)
		if err != nil || len(entries) == 0 {
			return err
		}
		if err := f.tell(ctx, entries); err != nil {
			return err
		}
		if err := f.outbox.Forget(ctx, entries); err != nil {
			return err
		}
	}
}

func (f *Feed) tell(ctx context.Context, entries []matchapi.Entry) error {
	_, err := f.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, e := range entries {
			p.XAdd(ctx, &redis.XAddArgs{Stream: matchapi.EntriesStream, MaxLen: matchapi.EntriesKept, Approx: true, Values: e.Values()})
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("append to the entry feed: %w", err)
	}
	return nil
}
