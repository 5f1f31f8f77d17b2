package proxy

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sixseat/sixseat/infra/localalb/rules"
)

// group is a target group at work: its targets, their health, and who gets the
// next request.
type group struct {
	// Static.
	spec    *rules.TargetGroup
	checker checker
	log     *slog.Logger
	joined  chan struct{} // has a token when a target is new

	mu       sync.Mutex
	targets  []*target       // registered, in that order; guarded by mu
	draining []*target       // deregistered, still with their requests; guarded by mu
	held     map[string]bool // deregistered by hand while their name still gives them; guarded by mu
	turn     int             // where the next round begins; guarded by mu
	changed  chan struct{}   // closed and replaced when a state changes; guarded by mu
}

// target is one address of a group.
type target struct {
	address string // "IP:port"; static

	// Guarded by the group's mu.
	health  health
	checked bool                   // asked at least once
	open    map[*exchange]struct{} // requests, streams and sockets it serves
	end     *time.Timer            // of draining
}

func newGroup(spec *rules.TargetGroup, c checker, log *slog.Logger) *group {
	return &group{spec: spec, checker: c, joined: make(chan struct{}, 1), changed: make(chan struct{}), held: map[string]bool{},
		log: log.With("target_group", spec.Address)}
}

// signal tells those who wait that a state changed. Callers hold mu.
func (g *group) signal() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// take chooses the target for a request and books the request on it, in one
// step, so that "least outstanding" sees every request. It gives nil when no
// target is registered.
func (g *group) take(e *exchange) *target {
	g.mu.Lock()
	defer g.mu.Unlock()
	candidates := g.candidates()
	if len(candidates) == 0 {
		return nil
	}
	chosen := candidates[g.turn%len(candidates)]
	if g.spec.Algorithm == rules.LeastOutstanding {
		for i := range candidates { // from the turn on, so that equals take turns
			t := candidates[(g.turn+i)%len(candidates)]
			if len(t.open) < len(chosen.open) {
				chosen = t
			}
		}
	}
	g.turn++
	chosen.open[e] = struct{}{}
	return chosen
}

// candidates are the healthy targets; with fewer than the group's minimum all
// of them: ALB fails open (user guide, target-group-health-checks). Callers
// hold mu.
func (g *group) candidates() []*target {
	healthy := make([]*target, 0, len(g.targets))
	for _, t := range g.targets {
		if t.health.state == stateHealthy {
			healthy = append(healthy, t)
		}
	}
	if len(healthy) < g.spec.MinHealthy {
		return g.targets
	}
	return healthy
}

func (g *group) release(t *target, e *exchange) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(t.open, e)
}

// cutAll ends what is open on all targets.
func (g *group) cutAll(cause error) {
	g.mu.Lock()
	var open []*exchange
	for _, t := range slices.Concat(g.targets, g.draining) {
		open = slices.AppendSeq(open, maps.Keys(t.open))
	}
	g.mu.Unlock()
	for _, e := range open {
		e.cut(cause)
	}
}

// waitHealthy returns when at least one target is healthy.
func (g *group) waitHealthy(ctx context.Context) error {
	for {
		g.mu.Lock()
		changed, ready := g.changed, false
		for _, t := range g.targets {
			ready = ready || t.health.state == stateHealthy
		}
		g.mu.Unlock()
		if ready {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// wheel shares an action's requests among its groups by weight, evenly mixed:
// each turn every group gains its weight, the richest is taken and pays the
// sum. ALB's own mixing is not documented; only the shares are.
type wheel struct {
	mu     sync.Mutex
	spokes []*spoke // guarded by mu
	sum    int
}

type spoke struct {
	group          *group
	weight, credit int
}

func newWheel(f *rules.Forward, groups map[*rules.TargetGroup]*group) *wheel {
	w := &wheel{}
	for _, g := range f.Groups {
		w.spokes = append(w.spokes, &spoke{group: groups[g.Group], weight: g.Weight})
		w.sum += g.Weight
	}
	return w
}

func (w *wheel) next() *group {
	w.mu.Lock()
	defer w.mu.Unlock()
	var best *spoke
	for _, s := range w.spokes {
		s.credit += s.weight
		if s.weight > 0 && (best == nil || s.credit > best.credit) {
			best = s
		}
	}
	best.credit -= w.sum // rules refuses actions whose weights are all 0, so there is a best
	return best.group
}
