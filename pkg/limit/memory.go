package limit

import (
	"context"
	"sync"
	"time"
)

const (
	// maxKeys is how many people a node counts at a time; beyond, those whose turns are
	// all free again, or whose slots are all dead, are forgotten. If that leaves more than
	// roomyKeys, all are: memory stays flat, nobody new has everybody looked through again,
	// and a limit is lax for a moment.
	maxKeys   = 50_000
	roomyKeys = maxKeys / 10 * 9
)

type key struct{ name, who string }

// Memory counts within this process.
type Memory struct {
	mu      sync.Mutex // guards what follows
	free    map[key]time.Time
	holders map[key]map[string]slot
}

// NewMemory makes a Memory that has counted nothing.
func NewMemory() *Memory {
	return &Memory{free: map[key]time.Time{}, holders: map[key]map[string]slot{}}
}

// Take implements Counter by the generic cell rate algorithm: it keeps the time at which
// all turns are free again.
func (m *Memory) Take(_ context.Context, p Pace, who string, now time.Time) (time.Duration, error) {
	return m.take(p, Turns{who, 1}, now), nil
}

// take uses turns, all or none, or says how long to wait for them.
func (m *Memory) take(p Pace, t Turns, now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	free := m.spend(p, t, now)
	if wait := free.Sub(now) - time.Duration(p.Burst)*p.Every; wait > 0 {
		return wait
	}
	m.free[key{p.Name, t.Who}] = free
	return 0
}

// Spend implements Counter.
func (m *Memory) Spend(_ context.Context, p Pace, spent []Turns, now time.Time) ([]time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	free := make([]time.Time, len(spent))
	for i, t := range spent {
		free[i] = m.spend(p, t, now)
		m.free[key{p.Name, t.Who}] = free[i]
	}
	return free, nil
}

// spend is when all turns are free again once t are used. The caller holds mu.
func (m *Memory) spend(p Pace, t Turns, now time.Time) time.Time {
	at, known := m.free[key{p.Name, t.Who}]
	if !known && len(m.free) >= maxKeys {
		forget(m.free, func(at time.Time) bool { return !at.After(now) })
	}
	if at.Before(now) {
		at = now
	}
	return at.Add(time.Duration(t.N) * p.Every)
}

// allFree reports whether who has used none of the turns that count now.
func (m *Memory) allFree(p Pace, who string, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.free[key{p.Name, who}].After(now)
}

// raise lets who's turns be free no earlier than at.
func (m *Memory) raise(p Pace, who string, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k := (key{p.Name, who}); m.free[k].Before(at) {
		m.free[k] = at
	}
}

// Hold implements Counter.
func (m *Memory) Hold(_ context.Context, s Slots, h Holder, now time.Time) (Held, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	held := m.heldBy(s, h, now)
	mine, known := held[h.Name]
	if known && mine.state == lost {
		return Held{}, nil
	}
	instead := ""
	if taken, yields := count(held, now.Add(s.Lease/2)); !known && taken >= s.Most {
		if yields == "" {
			return Held{}, nil
		}
		held[yields], instead = slot{now.Add(s.Lease), lost}, yields
	}
	held[h.Name] = slot{now.Add(s.Lease), stateOf(h)}
	return Held{true, instead}, nil
}

// Renew implements Counter.
func (m *Memory) Renew(_ context.Context, s Slots, hs []Holder, now time.Time) ([]bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	yielded := make([]bool, len(hs))
	for i, h := range hs {
		held := m.heldBy(s, h, now)
		if mine, known := held[h.Name]; known && mine.state == lost {
			yielded[i] = true
			continue
		}
		held[h.Name] = slot{now.Add(s.Lease), stateOf(h)}
	}
	return yielded, nil
}

// Release implements Counter.
func (m *Memory) Release(_ context.Context, s Slots, h Holder) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := key{s.Name, h.Who}
	if delete(m.holders[k], h.Name); len(m.holders[k]) == 0 {
		delete(m.holders, k)
	}
	return nil
}

// heldBy returns the slots of h's owner that are not dead. The caller holds mu and will
// put one there.
func (m *Memory) heldBy(s Slots, h Holder, now time.Time) map[string]slot {
	k := key{s.Name, h.Who}
	if m.holders[k] == nil {
		if len(m.holders) >= maxKeys {
			forget(m.holders, func(held map[string]slot) bool { dropDead(held, now); return len(held) == 0 })
		}
		m.holders[k] = map[string]slot{}
	}
	dropDead(m.holders[k], now)
	return m.holders[k]
}

// slot is one that is taken, or was: a lost one is kept for a lease, so that its holder
// learns of it when it renews.
type slot struct {
	end   time.Time
	state state
}

type state int

const (
	live state = iota
	silent
	lost
)

func stateOf(h Holder) state {
	if h.Silent {
		return silent
	}
	return live
}

// count tells how many slots are taken, and which of the silent ones would yield: those
// that say so and those that end before a time.
func count(held map[string]slot, fresh time.Time) (taken int, yields string) {
	for name, s := range held {
		if s.state == lost {
			continue
		}
		taken++
		if first := held[yields]; (s.state == silent || s.end.Before(fresh)) && (yields == "" || s.end.Before(first.end) || s.end.Equal(first.end) && name < yields) {
			yields = name
		}
	}
	return taken, yields
}

func dropDead(held map[string]slot, now time.Time) {
	for holder, s := range held {
		if !s.end.After(now) {
			delete(held, holder)
		}
	}
}

func forget[V any](m map[key]V, idle func(V) bool) {
	for k, v := range m {
		if idle(v) {
			delete(m, k)
		}
	}
	if len(m) > roomyKeys {
		clear(m)
	}
}
