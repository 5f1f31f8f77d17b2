package redisqueue

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// Config are the parts of a Queue.
type Config struct {
	Prefix string // before all keys; empty in production, one per test in tests
	Limits match.Limits
	Now    func() time.Time
	NewID  func() string // UUIDv7, for rooms
}

// Queue is the queue in Redis. It has no state of its own: all nodes share it.
type Queue struct {
	rdb     redis.UniversalClient
	base    string
	now     func() time.Time
	newID   func() string
	scripts scripts
}

var _ match.Queue = (*Queue)(nil)

// New makes a Queue. It connects to nothing yet.
func New(rdb redis.UniversalClient, c Config) *Queue {
	return &Queue{rdb: rdb, base: c.Prefix + tag, now: c.Now, newID: c.NewID, scripts: newScripts(c.Limits)}
}

// Ping asks whether Redis answers.
func (q *Queue) Ping(ctx context.Context) error { return translate(q.rdb.Ping(ctx).Err()) }

// Join runs join.lua.
func (q *Queue) Join(ctx context.Context, w match.Wait, healed bool) (match.Step, error) {
	r, err := q.run(ctx, q.scripts.join, w.Member.ID, w.Member.Nickname, w.Turn, w.JoinID, w.JoinedAt.UnixMilli(),
		strings.Join(w.Films, " "), flag(healed))
	return r.step(), err
}

// Touch runs touch.lua.
func (q *Queue) Touch(ctx context.Context, memberID string) (match.Step, error) {
	r, err := q.run(ctx, q.scripts.touch, memberID)
	return r.step(), err
}

// Leave runs leave.lua.
func (q *Queue) Leave(ctx context.Context, member match.Member, turn int64, reason string) (match.Step, error) {
	r, err := q.run(ctx, q.scripts.leave, member.ID, turn, reason)
	return r.step(), err
}

// Settle runs settle.lua.
func (q *Queue) Settle(ctx context.Context, made string, room matchapi.Room, seated []match.Seated) error {
	body, err := json.Marshal(room)
	if err != nil {
		return fmt.Errorf("encode room %s: %w", room.RoomID, err)
	}
	args := []any{made, room.RoomID, body}
	for _, s := range seated {
		args = append(args, s.Wait.Member.ID, s.Wait.Member.Nickname, s.Wait.Turn, s.Wait.JoinID, s.Seat, s.Generation, flag(s.Entered))
	}
	_, err = q.run(ctx, q.scripts.settle, args...)
	return err
}

// PutBack runs putback.lua.
func (q *Queue) PutBack(ctx context.Context, made string, lost []string) (match.Step, error) {
	r, err := q.run(ctx, q.scripts.putBack, made, strings.Join(lost, " "))
	return r.step(), err
}

// Sweep runs sweep.lua.
func (q *Queue) Sweep(ctx context.Context) (match.Swept, error) {
	r, err := q.run(ctx, q.scripts.sweep)
	return r.swept(), err
}

// Counts counts the present members that wait for each of the films, in one call.
func (q *Queue) Counts(ctx context.Context, movieIDs []string) ([]int, error) {
	if len(movieIDs) > maxCounted {
		return nil, fmt.Errorf("count %d films: at most %d", len(movieIDs), maxCounted)
	}
	args := make([]any, len(movieIDs))
	for i, id := range movieIDs {
		args[i] = id
	}
	found, err := q.scripts.counts.Run(ctx, q.rdb, []string{q.base}, args...).Int64Slice()
	if err != nil {
		return nil, translate(fmt.Errorf("count waiting: %w", err))
	}
	counts := make([]int, len(found))
	for i, n := range found {
		counts[i] = int(n)
	}
	return counts, nil
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
