package proxy

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/sixseat/sixseat/infra/localalb/rules"
)

// state is a target's state in the words of the API (TargetHealth).
type state string

const (
	stateInitial   state = "initial" // registered, no check has decided yet
	stateHealthy   state = "healthy"
	stateUnhealthy state = "unhealthy"
	stateDraining  state = "draining" // deregistered, its requests may finish
	stateUnused    state = "unused"   // no rule leads to its group
)

// health counts checks until they change the state.
type health struct {
	state  state
	streak int    // checks in a row that speak against the state
	reason string // why the last check failed; "": it passed
}

// observe takes one check's outcome and tells whether the state changed. One
// pass makes a new target healthy; other changes need the group's thresholds in
// a row (user guide, target-group-health-checks). How many failures end
// "initial" is not documented: as many as for a healthy target.
func (h *health) observe(passed bool, spec rules.HealthCheck) (changed bool) {
	next, need := stateUnhealthy, spec.UnhealthyThreshold
	if passed {
		next, need = stateHealthy, spec.HealthyThreshold
		if h.state == stateInitial {
			need = 1
		}
	}
	if next == h.state {
		h.streak = 0
		return false
	}
	if h.streak++; h.streak < need {
		return false
	}
	h.state, h.streak = next, 0
	return true
}

// checker asks one target for its health; the error says why it is not well.
type checker interface {
	check(ctx context.Context, address string) error
}

// run checks all targets at once and then every interval, a new one as soon as
// it is registered. A slow answer does not shift the next check; the timeout is
// shorter than the interval, so checks of one target hardly ever overlap.
func (g *group) run(ctx context.Context) {
	var checks sync.WaitGroup
	defer checks.Wait()
	tick := time.NewTicker(g.spec.Health.Interval)
	defer tick.Stop()
	for all := true; ; {
		for _, t := range g.due(all) {
			checks.Go(func() { g.checkTarget(ctx, t) })
		}
		select {
		case <-tick.C:
			all = true
		case <-g.joined:
			all = false
		case <-ctx.Done():
			return
		}
	}
}

// due lists the targets to ask now: all of them, or those never asked before.
func (g *group) due(all bool) []*target {
	g.mu.Lock()
	defer g.mu.Unlock()
	var due []*target
	for _, t := range g.targets {
		if all || !t.checked {
			t.checked = true
			due = append(due, t)
		}
	}
	return due
}

func (g *group) checkTarget(ctx context.Context, t *target) {
	timed, cancel := context.WithTimeout(ctx, g.spec.Health.Timeout)
	defer cancel()
	err := g.checker.check(timed, t.address)
	if ctx.Err() != nil {
		return // we are stopping; that says nothing about the target
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.health.state == stateDraining { // deregistered meanwhile; nobody asks for its health any more
		return
	}
	before := t.health.state
	t.health.reason = ""
	if err != nil {
		t.health.reason = err.Error()
	}
	if t.health.observe(err == nil, g.spec.Health) {
		g.warm(t, before, time.Now())
		g.signal()
		g.log.Info("target changed", "target", t.address, "state", string(t.health.state), "err", err)
	}
}

// httpChecker is ALB's HTTP check: a GET on a connection of its own.
type httpChecker struct {
	spec      rules.HealthCheck
	transport *http.Transport
}

func newHTTPChecker(spec *rules.TargetGroup, dial dialFunc) *httpChecker {
	c := &httpChecker{spec: spec.Health, transport: &http.Transport{
		DialContext:            dial,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxResponseHeaders,
	}}
	if spec.HTTP2 {
		c.transport.Protocols = new(http.Protocols)
		c.transport.Protocols.SetUnencryptedHTTP2(true)
	}
	return c
}

func (c *httpChecker) check(ctx context.Context, address string) error {
	address = withPort(address, c.spec.Port)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+c.spec.Path, nil)
	if err != nil {
		return fmt.Errorf("make health check of %s: %w", address, err)
	}
	req.Header.Set("User-Agent", "ELB-HealthChecker/2.0")
	res, err := c.transport.RoundTrip(req) // not a Client: redirects are an answer like any other
	if err != nil {
		return fmt.Errorf("check health of %s: %w", address, err)
	}
	if err := res.Body.Close(); err != nil {
		return fmt.Errorf("check health of %s: %w", address, err)
	}
	if !c.spec.Passes(res.StatusCode) {
		return fmt.Errorf("check health of %s: status %d", address, res.StatusCode)
	}
	return nil
}
