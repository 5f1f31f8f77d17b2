package scene

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/pace"
	"github.com/sixseat/sixseat/infra/capacity/internal/usage"
)

// look is one look at everything.
type look struct {
	at              time.Time
	usage           map[string]usage.Sample
	written         usage.Written
	redis           usage.Redis
	to, from        int64
	sent, delivered int64
}

func (m *measuring) look(ctx context.Context) (l look, err error) {
	l = look{usage: m.mustSample(ctx), to: m.wire.ToPeople.Load(), from: m.wire.FromPeople.Load(), sent: m.meter.Sent.Load(), delivered: m.meter.Delivered.Load()}
	names := []string{costs.Chat, costs.Match, costs.Postgres, costs.Redis}
	if len(m.Others) > 0 {
		names = append(names, SecondChat)
	}
	for _, name := range names {
		if _, known := l.usage[name]; !known {
			return l, fmt.Errorf("nothing is known of %s", name)
		}
	}
	if l.written, err = m.Stores.Postgres.Written(ctx); err != nil {
		return l, err
	}
	l.redis, err = m.Stores.Redis(ctx)
	l.at = time.Now()
	return l, err
}

// used is what a stage used.
type used struct {
	costs.Unit
	seconds         float64
	sent, delivered float64
	after           look
}

// perSecond is what was used in a second.
func (u used) perSecond() costs.Unit { return costs.Unit{}.Plus(u.Unit, 1/u.seconds) }

// each is what one of n used beyond what was used anyway, in a second.
func (u used) each(n int, anyway costs.Unit) costs.Unit {
	return costs.Unit{}.Plus(u.Unit, 1/float64(n)).Plus(anyway, -u.seconds/float64(n))
}

// costs notes what one of something costs.
func (m *measuring) costs(op costs.Op, u costs.Unit) {
	m.found.Each[op] = u.Of(op)
}

// during measures a stage.
func (m *measuring) during(ctx context.Context, name string, do func(context.Context) error) (u used, err error) {
	m.phase.Store(name)
	before, err := m.look(ctx)
	if err != nil {
		return u, err
	}
	if err := do(ctx); err != nil {
		return u, fmt.Errorf("%s: %w", name, err)
	}
	after, err := m.look(ctx)
	if err != nil {
		return u, err
	}
	micros := func(name string) float64 { return (after.usage[name].CPU - before.usage[name].CPU) * 1e6 }
	m.logged += float64(after.written.WAL - before.written.WAL)
	chat := micros(costs.Chat)
	if m.both {
		chat += micros(SecondChat)
	}
	return used{
		Unit: costs.Unit{
			Chat: chat, Match: micros(costs.Match), Postgres: micros(costs.Postgres), Redis: micros(costs.Redis),
			ToPeople: float64(after.to - before.to), FromPeople: float64(after.from - before.from),
			WAL: float64(after.written.WAL - before.written.WAL), Disk: float64(after.written.Disk - before.written.Disk),
			Kept: float64(after.redis.Memory - before.redis.Memory), Bus: float64(after.redis.Sent - before.redis.Sent),
		},
		seconds: after.at.Sub(before.at).Seconds(), sent: float64(after.sent - before.sent), delivered: float64(after.delivered - before.delivered), after: after,
	}, nil
}

// pause lets nothing happen.
func (m *measuring) pause(ctx context.Context) error { return sleep(ctx, m.Duration) }

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// spread lets each of the people do something, evenly over the length of a stage, and
// waits until all have. The first error ends it.
func (m *measuring) spread(people []*guest, do func(ctx context.Context, g *guest) error) func(context.Context) error {
	return func(ctx context.Context) error {
		var doing sync.WaitGroup
		var failed atomic.Pointer[error]
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		perSecond := float64(len(m.people)) / m.Duration.Seconds()
		pace.Steady(ctx, time.Now(), perSecond, len(people), func(i int, _ time.Time) {
			doing.Go(func() {
				if err := do(ctx, people[i]); err != nil && failed.CompareAndSwap(nil, &err) {
					cancel()
				}
			})
		})
		doing.Wait()
		if err := failed.Load(); err != nil {
			return *err
		}
		return ctx.Err()
	}
}

// silent measures a second in which nobody says anything.
func (m *measuring) silent(ctx context.Context, name string, connected int) (second costs.Unit, after look, err error) {
	settled := m.settled
	if m.silence == nil { // before the first nothing has happened
		settled = m.still
	}
	if second, after, err = settled(ctx, name); err != nil {
		return second, after, err
	}
	m.connected, m.silence = append(m.connected, float64(connected)), append(m.silence, second)
	return second, after, nil
}

// settled measures a second in which nothing happens once stores have tidied up after what
// was before. What PostgreSQL took for that is noted.
func (m *measuring) settled(ctx context.Context, name string) (second costs.Unit, after look, err error) {
	defer func(stages float64) { m.logged = stages }(m.logged)
	tidies, err := m.during(ctx, "settle", func(ctx context.Context) error { return sleep(ctx, m.Settle) })
	if err != nil {
		return second, after, err
	}
	if second, after, err = m.still(ctx, name); err == nil {
		m.tidying += tidies.Postgres - second.Postgres*tidies.seconds
	}
	return second, after, err
}

// tidied adds to each cost its part of what PostgreSQL tidied up later, by what it had logged.
func (m *measuring) tidied() {
	if m.logged == 0 {
		return
	}
	for op, u := range m.found.Each {
		u.Postgres += u.WAL * max(0, m.tidying) / m.logged
		m.found.Each[op] = u
	}
}

// still measures a second in which nothing happens, some times, and takes of each figure the
// middle one: services do some things every few seconds.
func (m *measuring) still(ctx context.Context, name string) (second costs.Unit, after look, err error) {
	var times []costs.Unit
	for range silences {
		u, err := m.during(ctx, name, m.pause)
		if err != nil {
			return second, after, err
		}
		times, after = append(times, u.perSecond()), u.after
	}
	return costs.Middle(times), after, nil
}

// takes is memory that something takes. A collector may give more back meanwhile, and then
// it fits into what the process has anyway; when that is much, nothing was measured.
func (m *measuring) takes(what string, octets float64) float64 {
	if octets < -mostGivenBack {
		m.found.Doubts = append(m.found.Doubts, fmt.Sprintf("memory of %s: %.0f octets less than before are counted as none", what, -octets))
	}
	return max(0, octets)
}
