// Package limit keeps people to a pace and to a number of things at a time: so many
// queue joins per minute, so many event streams at once. What is counted across nodes
// lives in Redis (pkg/redislimit); a node that is alone, or cut off from Redis, counts
// by itself (Memory). Shared chooses between the two.
package limit

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Pace is how often somebody may do something: Every is the time in which one more is
// allowed, Burst how many may come at once. A Pace with Every 0 limits nothing.
type Pace struct {
	Name  string // what is done, for keys: "joins"
	Every time.Duration
	Burst int
}

// PerMinute is n a minute, as many at once; 0 limits nothing.
func PerMinute(name string, n int) Pace {
	if n <= 0 {
		return Pace{Name: name}
	}
	return Pace{Name: name, Every: time.Minute / time.Duration(n), Burst: n}
}

// Slots is how many of something one may have at a time. A holder that is not renewed
// for Lease is taken for dead. Slots with Most 0 limit nothing.
type Slots struct {
	Name  string
	Most  int
	Lease time.Duration
}

// Counter counts. Its errors mean that it cannot be asked now.
type Counter interface {
	// Take uses one of who's turns, or says how long to wait for the next.
	Take(ctx context.Context, p Pace, who string, now time.Time) (wait time.Duration, err error)
	// Hold takes a slot for holder, or renews the one it has, and reports whether there
	// was one.
	Hold(ctx context.Context, s Slots, who, holder string, now time.Time) (ok bool, err error)
	// Release gives holder's slot back.
	Release(ctx context.Context, s Slots, who, holder string) error
}

// Limiter refuses what goes beyond a limit.
type Limiter struct {
	shared Counter // nil: this node is alone
	own    *Memory
	now    func() time.Time
	log    *slog.Logger
	away   atomic.Bool // the shared one did not answer last time
}

// New makes a Limiter that asks shared, and counts for this node alone while shared is
// nil or does not answer.
func New(shared Counter, now func() time.Time, log *slog.Logger) *Limiter {
	return &Limiter{shared: shared, own: NewMemory(), now: now, log: log}
}

// Take is nil, or a fault of kind TooMany that says when to come back.
func (l *Limiter) Take(ctx context.Context, p Pace, who string) error {
	if p.Every <= 0 {
		return nil
	}
	wait, err := ask(l, func(c Counter) (time.Duration, error) { return c.Take(ctx, p, who, l.now()) })
	if err != nil {
		return err
	}
	if wait > 0 {
		return fault.New(fault.TooMany, "Too many %s: wait a moment.", p.Name).WithRetry(wait)
	}
	return nil
}

// Hold is nil when holder has one of who's slots, else a fault of kind TooMany.
func (l *Limiter) Hold(ctx context.Context, s Slots, who, holder string) error {
	if s.Most <= 0 {
		return nil
	}
	ok, err := ask(l, func(c Counter) (bool, error) { return c.Hold(ctx, s, who, holder, l.now()) })
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.TooMany, "You have %d %s open already: close one first.", s.Most, s.Name).WithRetry(s.Lease)
	}
	return nil
}

// Release gives a slot back. A slot that cannot be given back now ends with its lease.
func (l *Limiter) Release(ctx context.Context, s Slots, who, holder string) {
	if s.Most <= 0 {
		return
	}
	_ = l.own.Release(ctx, s, who, holder) // memory always answers
	if l.shared != nil {
		l.noted(l.shared.Release(ctx, s, who, holder))
	}
}

// ask asks the shared counter, or this node's own while that is away.
func ask[T any](l *Limiter, question func(Counter) (T, error)) (T, error) {
	if l.shared != nil {
		answer, err := question(l.shared)
		if l.noted(err) {
			return answer, nil
		}
	}
	return question(l.own)
}

// noted logs when the shared counter goes away or comes back, once each time.
func (l *Limiter) noted(err error) (answered bool) {
	if errors.Is(err, context.Canceled) {
		return false // the caller went away, not the counter
	}
	if away := err != nil; l.away.Swap(away) != away {
		l.log.Warn("limits are counted by this node alone", "alone", away, "err", err)
	}
	return err == nil
}
