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

// PerSecond is n a second, burst at once; n 0 limits nothing.
func PerSecond(name string, n float64, burst int) Pace {
	if n <= 0 {
		return Pace{Name: name}
	}
	return Pace{Name: name, Every: time.Duration(float64(time.Second) / n), Burst: max(1, burst)}
}

// Turns are some that somebody used.
type Turns struct {
	Who string
	N   int
}

// Slots is how many of something one may have at a time. A holder that is not renewed
// for Lease is taken for dead, and after half of it for silent: its node may be dead, and
// whoever was there comes again elsewhere. Slots with Most 0 limit nothing.
type Slots struct {
	Name  string
	Most  int
	Lease time.Duration
}

// Holder is what has a slot or wants one: an event stream, a socket.
type Holder struct {
	Who    string // whose slots are counted
	Name   string // tells the holders of one apart, on all nodes
	Silent bool   // nothing was heard of it for too long: it yields to the next that asks
}

// Held is what became of a wish for a slot.
type Held struct {
	OK      bool
	Instead string // the silent holder that lost its slot for this one, or ""
}

// Counter counts. Its errors mean that it cannot be asked now.
type Counter interface {
	// Take uses one of who's turns, or says how long to wait for the next.
	Take(ctx context.Context, p Pace, who string, now time.Time) (wait time.Duration, err error)
	// Spend uses turns of many people without asking, and returns for each when all are
	// free again.
	Spend(ctx context.Context, p Pace, spent []Turns, now time.Time) (free []time.Time, err error)
	// Hold takes a slot for h, or renews the one it has. When all are taken, the silent
	// holder that was renewed longest ago yields.
	Hold(ctx context.Context, s Slots, h Holder, now time.Time) (Held, error)
	// Renew shows that holders live, and reports which of them had to yield. One that is
	// not known, because the counter lost its memory, has its slot again even beyond Most.
	Renew(ctx context.Context, s Slots, hs []Holder, now time.Time) (lost []bool, err error)
	// Release gives h's slot back.
	Release(ctx context.Context, s Slots, h Holder) error
}

const (
	// askTimeout bounds one question to the shared counter: it answers within
	// milliseconds, or it is away.
	askTimeout = 2 * time.Second

	// askAgainAfter is how long nobody asks a shared counter that is away; then one does.
	// Else a storm of people would each wait for it, one behind the other.
	askAgainAfter = time.Second
)

// Limiter refuses what goes beyond a limit.
type Limiter struct {
	shared Counter // nil: this node is alone
	own    *Memory
	now    func() time.Time
	log    *slog.Logger
	stands atomic.Pointer[standing]
}

// standing is what is known of the shared counter. Each change makes another one, so that
// whoever asked before is told from whoever asked since.
type standing struct {
	again time.Time // when it, which is away, may be asked again; zero: it is there
}

// New makes a Limiter that asks shared, and counts for this node alone while shared is
// nil or does not answer.
func New(shared Counter, now func() time.Time, log *slog.Logger) *Limiter {
	l := &Limiter{shared: shared, own: NewMemory(), now: now, log: log}
	l.stands.Store(&standing{})
	return l
}

// Take is nil, or a fault of kind TooMany that says when to come back.
func (l *Limiter) Take(ctx context.Context, p Pace, who string) error {
	if p.Every <= 0 {
		return nil
	}
	wait, err := ask(ctx, l, func(ctx context.Context, c Counter) (time.Duration, error) { return c.Take(ctx, p, who, l.now()) })
	if err != nil {
		return err
	}
	if wait > 0 {
		return tooMany(p, wait)
	}
	return nil
}

func tooMany(p Pace, wait time.Duration) error {
	return fault.New(fault.TooMany, "Too many %s: wait a moment.", p.Name).WithRetry(wait)
}

// Hold is nil when h has a slot, else a fault of kind TooMany. instead is the silent
// holder that yielded, which shall be closed, or "".
func (l *Limiter) Hold(ctx context.Context, s Slots, h Holder) (instead string, err error) {
	if s.Most <= 0 {
		return "", nil
	}
	held, err := ask(ctx, l, func(ctx context.Context, c Counter) (Held, error) { return c.Hold(ctx, s, h, l.now()) })
	if err != nil {
		return "", err
	}
	if !held.OK {
		return "", fault.New(fault.TooMany, "You have %d %s open already: close one first.", s.Most, s.Name).WithRetry(s.Lease)
	}
	return held.Instead, nil
}

// Renew shows that holders live, and returns those that had to yield to others.
func (l *Limiter) Renew(ctx context.Context, s Slots, hs []Holder) (lost []Holder, err error) {
	if s.Most <= 0 || len(hs) == 0 {
		return nil, nil
	}
	yielded, err := ask(ctx, l, func(ctx context.Context, c Counter) ([]bool, error) { return c.Renew(ctx, s, hs, l.now()) })
	for i, h := range hs {
		if err == nil && yielded[i] {
			lost = append(lost, h)
		}
	}
	return lost, err
}

// Release gives a slot back. A slot that cannot be given back now ends with its lease.
func (l *Limiter) Release(ctx context.Context, s Slots, h Holder) {
	if s.Most <= 0 {
		return
	}
	_ = l.own.Release(ctx, s, h) // memory always answers
	if asked := l.mayAsk(); asked != nil {
		ctx, cancel := context.WithTimeout(ctx, askTimeout)
		defer cancel()
		l.noted(asked, l.shared.Release(ctx, s, h))
	}
}

// ask asks the shared counter, or this node's own while that is away.
func ask[T any](ctx context.Context, l *Limiter, question func(context.Context, Counter) (T, error)) (T, error) {
	if asked := l.mayAsk(); asked != nil {
		ctx, cancel := context.WithTimeout(ctx, askTimeout)
		defer cancel()
		answer, err := question(ctx, l.shared)
		if l.noted(asked, err) {
			return answer, nil
		}
	}
	return question(ctx, l.own)
}

// mayAsk is nil where the caller shall not ask the shared counter, else what noted is to be
// told with. While the counter is away one caller at a time may: the probe, which finds out
// whether it is back.
func (l *Limiter) mayAsk() *standing {
	if l.shared == nil {
		return nil
	}
	seen := l.stands.Load()
	if seen.again.IsZero() {
		return seen
	}
	now := l.now()
	probe := &standing{again: now.Add(askTimeout)}
	if now.Before(seen.again) || !l.stands.CompareAndSwap(seen, probe) {
		return nil
	}
	return probe
}

// noted logs when the shared counter goes away or comes back, once each time. What was
// asked before it last did says nothing about it now.
func (l *Limiter) noted(asked *standing, err error) (answered bool) {
	there := asked.again.IsZero()
	switch {
	case errors.Is(err, context.Canceled): // the caller went away, not the counter
	case err != nil:
		if l.stands.CompareAndSwap(asked, &standing{again: l.now().Add(askAgainAfter)}) && there {
			l.log.Warn("limits are counted by this node alone", "alone", true, "err", err)
		}
	case !there:
		if l.stands.CompareAndSwap(asked, &standing{}) {
			l.log.Warn("limits are counted by this node alone", "alone", false)
		}
	}
	return err == nil
}
