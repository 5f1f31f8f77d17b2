package proxy

import (
	"context"
	"log/slog"
	"maps"
	"math/rand/v2"
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
	joined  chan struct{}   // has a token when a target is new
	random  func(n int) int // from 0 to n-1
	unused  bool            // no rule of the listener leads here: its targets are not checked

	mu       sync.Mutex
	targets  []*target       // registered, in that order; guarded by mu
	draining []*target       // deregistered, still with their requests; guarded by mu
	held     map[string]bool // deregistered by hand while their name still gives them; guarded by mu
	changed  chan struct{}   // closed and replaced when a state changes; guarded by mu
}

// target is one address of a group.
type target struct {
	address string // "IP:port"; static

	// Guarded by the group's mu.
	health  health
	checked bool                   // asked at least once
	open    map[*exchange]struct{} // requests, streams and sockets it serves
	credit  float64                // for nextTurn
	warming time.Time              // since when it is in slow start; zero: it is not
	founder bool                   // no target was healthy when it was registered
	end     *time.Timer            // of draining
}

func newGroup(spec *rules.TargetGroup, c checker, log *slog.Logger) *group {
	return &group{spec: spec, checker: c, joined: make(chan struct{}, 1), changed: make(chan struct{}), held: map[string]bool{},
		random: rand.IntN, log: log.With("target_group", spec.Address)}
}

// signal tells those who wait that a state changed. Callers hold mu.
func (g *group) signal() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// take chooses the target for a request and books the request on it, in one
// step, so that "least outstanding" sees every request. The address in sticky is
// kept to as long as it may be chosen; "" is no wish. It gives nil when no target
// is registered.
func (g *group) take(e *exchange, sticky string) *target {
	g.mu.Lock()
	defer g.mu.Unlock()
	candidates := g.candidates()
	if len(candidates) == 0 {
		return nil
	}
	var chosen *target
	if i := find(candidates, sticky); i >= 0 {
		chosen = candidates[i]
	} else {
		chosen = g.choose(candidates)
	}
	chosen.open[e] = struct{}{}
	return chosen
}

// choose takes one of the candidates, of which there are some, by the group's
// algorithm. Callers hold mu.
func (g *group) choose(candidates []*target) *target {
	if len(candidates) == 1 {
		return candidates[0]
	}
	switch g.spec.Algorithm {
	case rules.WeightedRandom: // without anomaly mitigation all weights are the same
		return candidates[g.random(len(candidates))]
	case rules.LeastOutstanding: // equals take turns
		fewest := slices.MinFunc(candidates, func(a, b *target) int { return len(a.open) - len(b.open) })
		candidates = slices.DeleteFunc(slices.Clone(candidates), func(t *target) bool { return len(t.open) > len(fewest.open) })
	}
	now := time.Now()
	return candidates[nextTurn(len(candidates), func(i int) (*float64, float64) {
		return &candidates[i].credit, g.share(candidates[i], now)
	})]
}

// share is a target's part of the requests; in slow start it grows linearly to 1
// (user guide, edit-target-group-attributes). Callers hold mu.
func (g *group) share(t *target, now time.Time) float64 {
	if t.warming.IsZero() {
		return 1
	}
	part := float64(now.Sub(t.warming)) / float64(g.spec.SlowStart)
	return min(max(part, minShare), 1)
}

// warm begins slow start for a target that has just become healthy, if another
// healthy one is not in slow start, and ends it for one that has failed. Targets that
// were registered together, with none healthy, start at full share. Callers hold mu.
func (g *group) warm(t *target, before state, now time.Time) {
	t.warming = time.Time{}
	together := before == stateInitial && t.founder
	if g.spec.SlowStart > 0 && t.health.state == stateHealthy && !together && g.served(t, now) {
		t.warming = now
	}
}

// served tells whether a healthy target other than t has a full share.
func (g *group) served(t *target, now time.Time) bool {
	return slices.ContainsFunc(g.targets, func(other *target) bool {
		return other != t && other.health.state == stateHealthy && g.share(other, now) == 1
	})
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

// wheel shares an action's requests among its groups by weight. ALB's own mixing is
// not documented; only the shares are.
type wheel struct {
	mu     sync.Mutex
	spokes []*spoke // static, but for their credit, guarded by mu
}

type spoke struct {
	group          *group
	weight, credit float64
}

func newWheel(f *rules.Forward, groups map[*rules.TargetGroup]*group) *wheel {
	w := &wheel{}
	for _, g := range f.Groups {
		w.spokes = append(w.spokes, &spoke{group: groups[g.Group], weight: float64(g.Weight)})
	}
	return w
}

// next gives the group whose turn it is, or the one with the address in sticky,
// whatever its weight: whether a weight of 0 ends stickiness is not documented.
func (w *wheel) next(sticky string) *group {
	if len(w.spokes) == 1 {
		return w.spokes[0].group
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.spokes {
		if s.group.spec.Address == sticky {
			return s.group
		}
	}
	// rules refuses actions whose weights are all 0, so somebody has a turn.
	return w.spokes[nextTurn(len(w.spokes), func(i int) (*float64, float64) {
		return &w.spokes[i].credit, w.spokes[i].weight
	})].group
}

// nextTurn shares turns among n by weight, evenly mixed: each gains its weight, the
// richest is taken and pays the sum. At least one weight is above 0.
func nextTurn(n int, of func(i int) (credit *float64, weight float64)) int {
	taken, sum := -1, 0.0
	var most *float64
	for i := range n {
		credit, weight := of(i)
		*credit += weight
		sum += weight
		if weight > 0 && (taken < 0 || *credit > *most) {
			taken, most = i, credit
		}
	}
	*most -= sum
	return taken
}
