package proxy

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/infra/localalb/rules"
)

func TestHealth_thresholds(t *testing.T) {
	spec := rules.HealthCheck{HealthyThreshold: 3, UnhealthyThreshold: 2}
	cases := []struct {
		name   string
		from   state
		checks string // + passed, - failed
		want   string // the state after each check, by its first letter
	}{
		{"one pass makes a new target healthy", stateInitial, "+", "h"},
		{"a new target that fails stays new until the threshold", stateInitial, "--", "iu"},
		{"a new target passes after a failure", stateInitial, "-+", "ih"},
		{"failures must come in a row", stateHealthy, "-+-+--", "hhhhhu"},
		{"passes must come in a row", stateUnhealthy, "++-+++", "uuuuuh"},
		{"the streak does not reach over a change", stateHealthy, "--+-+++", "huuuuuh"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := health{state: c.from}
			var got strings.Builder
			for _, check := range c.checks {
				h.observe(check == '+', spec)
				got.WriteByte(h.state[0])
			}
			if got.String() != c.want {
				t.Errorf("checks %q: states %q, want %q", c.checks, got.String(), c.want)
			}
		})
	}
}

// scriptedChecker answers as it is told and notes when it was asked.
type scriptedChecker struct {
	begin time.Time

	mu    sync.Mutex
	sick  map[string]bool            // guarded by mu
	slow  map[string]bool            // answers only when its time is up; guarded by mu
	asked map[string][]time.Duration // since begin; guarded by mu
}

func newScriptedChecker() *scriptedChecker {
	return &scriptedChecker{begin: time.Now(), sick: map[string]bool{}, slow: map[string]bool{}, asked: map[string][]time.Duration{}}
}

func (c *scriptedChecker) set(address string, sick, slow bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sick[address], c.slow[address] = sick, slow
}

func (c *scriptedChecker) check(ctx context.Context, address string) error {
	c.mu.Lock()
	c.asked[address] = append(c.asked[address], time.Since(c.begin))
	sick, slow := c.sick[address], c.slow[address]
	c.mu.Unlock()
	if slow {
		<-ctx.Done()
		return ctx.Err()
	}
	if sick {
		return errors.New("not well")
	}
	return nil
}

func TestCheck_goesToTheHealthChecksOwnPort(t *testing.T) {
	for port, want := range map[int]string{0: "10.0.0.1:8080", 9000: "10.0.0.1:9000"} {
		asked := ""
		c := newHTTPChecker(&rules.TargetGroup{Health: rules.HealthCheck{Path: "/healthz", Port: port}},
			func(_ context.Context, _, address string) (net.Conn, error) {
				asked = address
				return nil, errors.New("refused")
			})
		if err := c.check(t.Context(), "10.0.0.1:8080"); err == nil || asked != want {
			t.Errorf("port %d: asked %s (error: %v), want %s", port, asked, err, want)
		}
	}
}

func testGroup(c checker, addresses ...string) *group {
	g := newGroup(&rules.TargetGroup{
		Address: "aws_lb_target_group.t", Algorithm: rules.RoundRobin, MinHealthy: 1, DeregistrationDelay: 30 * time.Second,
		Health: rules.HealthCheck{Interval: 5 * time.Second, Timeout: 2 * time.Second, HealthyThreshold: 3, UnhealthyThreshold: 2},
	}, c, slog.New(slog.DiscardHandler))
	for _, a := range addresses {
		g.register(a)
	}
	return g
}

// runGroup checks health until the test ends.
func runGroup(t *testing.T, g *group) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
}

// newRound lets the first target have the next turn.
func newRound(g *group) {
	for _, t := range g.targets {
		t.credit = 0
	}
}

// who tells which targets n requests go to; each is over before the next.
func who(g *group, n int) string {
	var names []string
	for range n {
		e := &exchange{}
		t := g.take(e, "")
		if t == nil {
			return "nobody"
		}
		names = append(names, t.address)
		g.release(t, e)
	}
	return strings.Join(names, " ")
}

func TestRun_checksAtOnceThenEveryIntervalEvenWhenTargetsAreSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newScriptedChecker()
		c.set("slow", false, true)
		g := testGroup(c, "quick", "slow")
		runGroup(t, g)

		if err := g.waitHealthy(t.Context()); err != nil || time.Since(c.begin) != 0 {
			t.Errorf("ready after %v with %v, want at once", time.Since(c.begin), err)
		}
		<-time.After(11 * time.Second)
		synctest.Wait()

		for _, target := range []string{"quick", "slow"} {
			got := c.asked[target]
			if len(got) != 3 || got[0] != 0 || got[1] != 5*time.Second || got[2] != 10*time.Second {
				t.Errorf("%s was asked at %v, want 0s, 5s, 10s", target, got)
			}
		}
		if got := who(g, 2); got != "quick quick" {
			t.Errorf("requests go to %s, want only to the one that answers", got)
		}
	})
}

func TestRun_targetLeavesAndComesBackAfterItsThresholds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newScriptedChecker()
		g := testGroup(c, "a", "b")
		runGroup(t, g)
		synctest.Wait()
		if got := who(g, 4); got != "a b a b" {
			t.Fatalf("requests go to %s, want in turns", got)
		}

		c.set("a", true, false)
		wait := func(d time.Duration) { <-time.After(d); synctest.Wait() }
		wait(5 * time.Second)
		if got := who(g, 2); got != "a b" {
			t.Errorf("after one failed check: %s, want both", got)
		}
		wait(5 * time.Second)
		if got := who(g, 2); got != "b b" {
			t.Errorf("after two failed checks: %s, want only b", got)
		}
		if got := g.status(); got[0] != (TargetStatus{"a", "unhealthy", 0, "not well"}) || got[1].Reason != "" {
			t.Errorf("status %v, want the reason at a alone", got)
		}

		c.set("a", false, false)
		wait(10 * time.Second)
		if got := who(g, 2); got != "b b" {
			t.Errorf("after two passed checks: %s, want only b", got)
		}
		wait(5 * time.Second)
		if got := who(g, 2); !strings.Contains(got, "a") {
			t.Errorf("after three passed checks: %s, want both", got)
		}
		if got := g.status()[0].Reason; got != "" {
			t.Errorf("it is well, but: %s", got)
		}
	})
}

func TestTake_failsOpenWhenTooFewAreHealthy(t *testing.T) {
	g := testGroup(nil, "a", "b", "c")
	set := func(states ...state) {
		for i, s := range states {
			g.targets[i].health.state = s
		}
	}
	cases := []struct {
		name       string
		minHealthy int
		states     []state
		want       string
	}{
		{"all new", 1, []state{stateInitial, stateInitial, stateInitial}, "a b c"},
		{"all unhealthy", 1, []state{stateUnhealthy, stateUnhealthy, stateUnhealthy}, "a b c"},
		{"one healthy", 1, []state{stateUnhealthy, stateHealthy, stateInitial}, "b b b"},
		{"one healthy of two wanted", 2, []state{stateUnhealthy, stateHealthy, stateUnhealthy}, "a b c"},
		{"two healthy of two wanted", 2, []state{stateHealthy, stateHealthy, stateUnhealthy}, "a b a"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			spec := *g.spec
			spec.MinHealthy = c.minHealthy
			g.spec = &spec
			newRound(g)
			set(c.states...)
			if got := who(g, 3); got != c.want {
				t.Errorf("requests go to %q, want %q", got, c.want)
			}
		})
	}
}

func TestTake_nobodyRegistered(t *testing.T) {
	if got := who(testGroup(nil), 1); got != "nobody" {
		t.Errorf("request went to %s", got)
	}
}

func TestTake_leastOutstandingCountsOpenSockets(t *testing.T) {
	g := testGroup(nil, "a", "b", "c")
	spec := *g.spec
	spec.Algorithm = rules.LeastOutstanding
	g.spec = &spec
	sockets := make([]*exchange, 6)
	for i := range sockets {
		sockets[i] = &exchange{}
		g.take(sockets[i], "")
	}
	for _, target := range g.targets {
		if len(target.open) != 2 {
			t.Errorf("%s holds %d of 6 sockets, want 2", target.address, len(target.open))
		}
	}
	for e := range g.targets[1].open {
		g.release(g.targets[1], e)
	}
	if got := who(g, 3); got != "b b b" {
		t.Errorf("requests go to %q, want to the one that holds nothing", got)
	}
}

func TestTake_weightedRandomDrawsAmongTheHealthy(t *testing.T) {
	g := testGroup(nil, "a", "b", "c")
	spec := *g.spec
	spec.Algorithm = rules.WeightedRandom
	g.spec = &spec
	for i, s := range []state{stateHealthy, stateUnhealthy, stateHealthy} {
		g.targets[i].health.state = s
	}
	draws := []int{1, 1, 0, 1}
	g.random = func(n int) int {
		if n != 2 {
			t.Errorf("drawn among %d, want 2", n)
		}
		next := draws[0]
		draws = draws[1:]
		return next
	}
	if got := who(g, 4); got != "c c a c" {
		t.Errorf("requests go to %q, want as drawn", got)
	}
}

func TestWheel_sharesByWeightAndMixes(t *testing.T) {
	one, three := &rules.TargetGroup{Address: "one"}, &rules.TargetGroup{Address: "three"}
	groups := map[*rules.TargetGroup]*group{one: {spec: one}, three: {spec: three}}
	w := newWheel(&rules.Forward{Groups: []rules.WeightedGroup{{Group: one, Weight: 1}, {Group: three, Weight: 3}}}, groups)
	for round := range 5 {
		got := map[string]int{}
		for range 4 {
			got[w.next("").spec.Address]++
		}
		if got["one"] != 1 || got["three"] != 3 {
			t.Errorf("round %d: %v, want 1 and 3 of every 4", round, got)
		}
	}
}

func TestWaitHealthy_endsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := testGroup(nil, "a").waitHealthy(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}
