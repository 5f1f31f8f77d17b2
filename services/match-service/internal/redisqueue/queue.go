package redisqueue

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/batch"
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

// Queue is the queue in Redis. It has no state of its own but the steps under way; all
// nodes share what is in Redis.
type Queue struct {
	rdb     redis.UniversalClient
	base    string
	entries string // key of the entry feed
	now     func() time.Time
	newID   func() string
	scripts scripts
	steps   *batch.Batcher[*step, answer] // those that go together
}

var (
	_ match.Queue = (*Queue)(nil)
	_ match.Feed  = (*Queue)(nil)
)

// New makes a Queue. It connects to nothing yet.
func New(rdb redis.UniversalClient, c Config) *Queue {
	q := &Queue{
		rdb: rdb, base: c.Prefix + tag, entries: c.Prefix + matchapi.EntriesStream,
		now: c.Now, newID: c.NewID, scripts: newScripts(c.Limits),
	}
	q.steps = q.together()
	return q
}

// Ping asks whether Redis answers.
func (q *Queue) Ping(ctx context.Context) error { return translate(q.rdb.Ping(ctx).Err()) }

// Join runs join.lua.
func (q *Queue) Join(ctx context.Context, w match.Wait, why match.JoinReason) (match.Step, error) {
	r, err := q.run(ctx, q.scripts.join, w.Member.ID, w.Member.Nickname, w.Turn, w.JoinID, w.JoinedAt.UnixMilli(),
		strings.Join(w.Films, " "), string(why))
	return r.step(w.Member.ID, q.now()), err
}

// Touch runs touch.lua.
func (q *Queue) Touch(ctx context.Context, memberID string) (match.Step, error) {
	r, err := q.run(ctx, q.scripts.touch, memberID)
	return r.step(memberID, q.now()), err
}

// Leave runs leave.lua.
func (q *Queue) Leave(ctx context.Context, member match.Member, turn int64, reason string, gaveUp *match.Seat) (match.Step, error) {
	var seat match.Seat
	if gaveUp != nil {
		seat = *gaveUp
	}
	r, err := q.run(ctx, q.scripts.leave, member.ID, turn, reason, seat.RoomID, seat.Number, seat.Generation)
	return r.step(member.ID, q.now()), err
}

// Settle runs settle.lua.
func (q *Queue) Settle(ctx context.Context, made string, room matchapi.Room, seated []match.Seated) error {
	body, err := json.Marshal(room)
	if err != nil {
		return fmt.Errorf("encode room %s: %w", room.RoomID, err)
	}
	args := []any{made, room.RoomID, body, room.MovieID, room.CreatedAt.UnixMilli(), holders(room)}
	for _, s := range seated {
		args = append(args, s.Wait.Member.ID, s.Wait.Member.Nickname, s.Wait.Turn, s.Wait.JoinID, s.Seat, s.Generation, flag(s.Entered))
	}
	_, err = q.run(ctx, q.scripts.settle, args...)
	return err
}

// Register runs register.lua.
func (q *Queue) Register(ctx context.Context, v match.Vacant) error {
	body, err := json.Marshal(v.Room)
	if err != nil {
		return fmt.Errorf("encode room %s: %w", v.Room.RoomID, err)
	}
	holder := v.Room.Seats[v.Seat-1]
	_, err = q.run(ctx, q.scripts.register, v.Room.RoomID, body, v.Room.MovieID, v.Room.CreatedAt.UnixMilli(),
		v.Seat, v.Generation, holder.MemberID, holder.Nickname, flag(v.GivenUp), holders(v.Room))
	return err
}

// PutBack runs putback.lua.
func (q *Queue) PutBack(ctx context.Context, made string, r match.Refusal) (match.Step, error) {
	rep, err := q.run(ctx, q.scripts.putBack, made, strings.Join(r.Lost, " "), string(r.Seat))
	return rep.step("", q.now()), err // of nobody in particular
}

// Sweep runs sweep.lua.
func (q *Queue) Sweep(ctx context.Context) (match.Swept, error) {
	r, err := q.run(ctx, q.scripts.sweep)
	return r.swept(), err
}

// Compare runs compare.lua.
func (q *Queue) Compare(ctx context.Context, after, upto int64, open []match.Wait) (match.Difference, error) {
	last := any(upto)
	if upto == math.MaxInt64 { // scores are doubles, which that number is not
		last = "+inf"
	}
	args := []any{after, last}
	for _, w := range open {
		args = append(args, w.Member.ID, w.Turn, w.JoinID)
	}
	r, err := q.run(ctx, q.scripts.compare, args...)
	return match.Difference{Missing: r.Missing, Expired: r.Expired, Resumed: time.UnixMilli(r.Resumed)}, err
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

// holders are the ids of those who hold a room's seats.
func holders(room matchapi.Room) string {
	ids := make([]string, len(room.Seats))
	for i, s := range room.Seats {
		ids[i] = s.MemberID
	}
	return strings.Join(ids, " ")
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
