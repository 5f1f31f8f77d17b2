package proxy

import (
	"errors"
	"maps"
	"slices"
	"time"
)

// errUnknownTarget is returned for a target or group that is not there.
var errUnknownTarget = errors.New("no such target")

// register adds a target by hand; the same address twice is one target. One
// that is draining is taken back with what it still serves.
func (g *group) register(address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.held, address)
	g.add(address)
}

// registerFound adds a target that a name gives, unless it was deregistered by
// hand.
func (g *group) registerFound(address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.held[address] {
		g.add(address)
	}
}

// add does the work of both. Callers hold mu.
func (g *group) add(address string) {
	if find(g.targets, address) >= 0 {
		return
	}
	t := &target{address: address, open: map[*exchange]struct{}{}}
	if i := find(g.draining, address); i >= 0 {
		t = g.draining[i]
		t.end.Stop()
		g.draining = slices.Delete(g.draining, i, i+1)
	}
	t.health, t.checked, t.warming = health{state: stateInitial}, false, time.Time{}
	t.founder = !slices.ContainsFunc(g.targets, func(other *target) bool { return other.health.state == stateHealthy })
	g.targets = append(g.targets, t)
	select {
	case g.joined <- struct{}{}:
	default: // a token is already there
	}
	g.log.Info("target registered", "target", address)
}

// deregister takes a target out by hand: it stays out while its name gives it.
func (g *group) deregister(address string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.drain(address) {
		return errUnknownTarget
	}
	g.held[address] = true
	return nil
}

// deregisterGone takes out a target that its name no longer gives. It may be
// out already, by hand; that is over now.
func (g *group) deregisterGone(address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.held, address)
	g.drain(address)
}

// unhold lets targets in again when their name gives them.
func (g *group) unhold(addresses ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, address := range addresses {
		delete(g.held, address)
	}
}

// drain gives a target no more requests and cuts what it still serves when the
// group's deregistration delay is over. The state reads "draining" until then,
// even with nothing open (user guide, target-group-attributes). It is false
// for a target that is not registered. Callers hold mu.
func (g *group) drain(address string) bool {
	i := find(g.targets, address)
	if i < 0 {
		return false
	}
	t := g.targets[i]
	g.targets = slices.Delete(g.targets, i, i+1)
	g.draining = append(g.draining, t)
	t.health = health{state: stateDraining}
	t.end = time.AfterFunc(g.spec.DeregistrationDelay, func() { g.endDraining(t) })
	g.signal()
	g.log.Info("target draining", "target", address, "open", len(t.open), "delay", g.spec.DeregistrationDelay)
	return true
}

func (g *group) endDraining(t *target) {
	g.mu.Lock()
	i := slices.Index(g.draining, t)
	if i < 0 { // taken back in the last moment
		g.mu.Unlock()
		return
	}
	g.draining = slices.Delete(g.draining, i, i+1)
	open := slices.Collect(maps.Keys(t.open))
	g.signal()
	g.mu.Unlock()
	g.log.Info("target gone", "target", t.address, "cut", len(open))
	for _, e := range open {
		e.cut(errDrained)
	}
}

func find(targets []*target, address string) int {
	return slices.IndexFunc(targets, func(t *target) bool { return t.address == address })
}

// stopDraining ends the timers; what is open is the caller's business.
func (g *group) stopDraining() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, t := range g.draining {
		t.end.Stop()
	}
	g.draining = nil
}

// TargetStatus is one target as the admin listener shows it.
type TargetStatus struct {
	Target string `json:"target"`           // "IP:port"
	State  string `json:"state"`            // in the words of the API: initial, healthy, unhealthy, draining, unused
	Open   int    `json:"open"`             // requests, event streams and WebSockets it serves
	Reason string `json:"reason,omitempty"` // why its last health check failed
}

func (g *group) status() []TargetStatus {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := []TargetStatus{}
	for _, t := range slices.Concat(g.targets, g.draining) {
		s := t.health.state
		if g.unused {
			s = stateUnused
		}
		list = append(list, TargetStatus{Target: t.address, State: string(s), Open: len(t.open), Reason: t.health.reason})
	}
	return list
}
