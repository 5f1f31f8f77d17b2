package live

import (
	"context"
	"maps"
	"sync"
	"time"
)

// Memory is a Presence in this process, for a node that is alone.
type Memory struct {
	mu     sync.Mutex // guards what follows
	leases map[string]time.Time
	states map[string]map[string]State // by room, by node
}

// NewMemory makes one in which nobody is anywhere.
func NewMemory() *Memory {
	return &Memory{leases: map[string]time.Time{}, states: map[string]map[string]State{}}
}

// Say implements Presence. What a node without a lease said before is forgotten.
func (m *Memory) Say(_ context.Context, node string, lease Lease, states map[string]State) (held bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	held = lease.Now.Before(m.leases[node])
	m.leases[node] = lease.Until
	for other, until := range m.leases {
		if !lease.Now.Before(until) {
			m.forget(other)
		}
	}
	for room, s := range states {
		m.put(node, room, s)
	}
	return held, nil
}

func (m *Memory) put(node, room string, s State) {
	of := m.states[room]
	if of == nil {
		of = map[string]State{}
		m.states[room] = of
	}
	if of[node] = s; len(s.Members) == 0 {
		delete(of, node)
	}
	if len(of) == 0 {
		delete(m.states, room)
	}
}

func (m *Memory) forget(node string) {
	delete(m.leases, node)
	for room := range m.states {
		m.put(node, room, State{})
	}
}

// Hear implements Presence.
func (m *Memory) Hear(_ context.Context, node string, roomIDs []string, now time.Time) (map[string]map[string]State, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	heard := make(map[string]map[string]State, len(roomIDs))
	for _, id := range roomIDs {
		of := maps.Clone(m.states[id])
		maps.DeleteFunc(of, func(node string, _ State) bool { return !now.Before(m.leases[node]) })
		if len(of) > 0 {
			heard[id] = of
		}
	}
	return heard, now.Before(m.leases[node]), nil
}
