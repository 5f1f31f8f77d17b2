package limit

import (
	"context"
	"sync"
	"time"
)

const (
	// maxKeys is how many people a node counts at a time; beyond, those whose turns are
	// all free again, or whose slots are all dead, are forgotten, and if none is, all
	// are: memory stays flat, and a limit is lax for a moment.
	maxKeys = 50_000
)

type key struct{ name, who string }

// Memory counts within this process.
type Memory struct {
	mu      sync.Mutex // guards what follows
	free    map[key]time.Time
	holders map[key]map[string]time.Time // holder -> when its lease ends
}

// NewMemory makes a Memory that has counted nothing.
func NewMemory() *Memory {
	return &Memory{free: map[key]time.Time{}, holders: map[key]map[string]time.Time{}}
}

// Take implements Counter by the generic cell rate algorithm: it keeps the time at which
// all turns are free again.
func (m *Memory) Take(_ context.Context, p Pace, who string, now time.Time) (time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.free) >= maxKeys {
		forget(m.free, func(at time.Time) bool { return !at.After(now) })
	}
	k := key{p.Name, who}
	at := m.free[k]
	if at.Before(now) {
		at = now
	}
	at = at.Add(p.Every)
	if wait := at.Sub(now) - time.Duration(p.Burst)*p.Every; wait > 0 {
		return wait, nil
	}
	m.free[k] = at
	return 0, nil
}

// Hold implements Counter.
func (m *Memory) Hold(_ context.Context, s Slots, who, holder string, now time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.holders) >= maxKeys {
		forget(m.holders, func(h map[string]time.Time) bool { dropDead(h, now); return len(h) == 0 })
	}
	k := key{s.Name, who}
	held := m.holders[k]
	dropDead(held, now)
	if _, mine := held[holder]; !mine && len(held) >= s.Most {
		return false, nil
	}
	if held == nil {
		held = map[string]time.Time{}
		m.holders[k] = held
	}
	held[holder] = now.Add(s.Lease)
	return true, nil
}

// Release implements Counter.
func (m *Memory) Release(_ context.Context, s Slots, who, holder string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := key{s.Name, who}
	if delete(m.holders[k], holder); len(m.holders[k]) == 0 {
		delete(m.holders, k)
	}
	return nil
}

func dropDead(held map[string]time.Time, now time.Time) {
	for holder, end := range held {
		if !end.After(now) {
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
	if len(m) >= maxKeys {
		clear(m)
	}
}
