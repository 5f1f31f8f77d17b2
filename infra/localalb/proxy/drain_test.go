package proxy

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// openOn books an exchange on the group's next target, as a request would.
func openOn(t *testing.T, g *group) (*exchange, *target) {
	t.Helper()
	e := &exchange{finished: true}
	e.ctx, e.cancel = context.WithCancelCause(t.Context())
	return e, g.take(e, "")
}

func TestDeregister_stopsRequestsAtOnceAndCutsWhenTheDelayIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGroup(newScriptedChecker(), "a", "b")
		e, on := openOn(t, g)
		if err := g.deregister(on.address); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()

		if got := who(g, 2); got != "b b" {
			t.Errorf("requests go to %q, want only to b", got)
		}
		if got := g.status(); len(got) != 2 || got[1] != (TargetStatus{"a", "draining", 1, ""}) {
			t.Errorf("status %v, want a draining with one open", got)
		}
		<-e.ctx.Done()
		if waited := time.Since(begin); waited != 30*time.Second || !errors.Is(context.Cause(e.ctx), errDrained) {
			t.Errorf("cut after %v by %v, want 30s, %v", waited, context.Cause(e.ctx), errDrained)
		}
		if got := g.status(); len(got) != 1 {
			t.Errorf("status %v, want a gone", got)
		}
		if err := g.deregister("a"); !errors.Is(err, errUnknownTarget) {
			t.Errorf("deregistering twice: %v", err)
		}
	})
}

func TestRegister_takesADrainingTargetBackWithWhatItServes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGroup(newScriptedChecker(), "a")
		runGroup(t, g)
		synctest.Wait()
		e, _ := openOn(t, g)
		if err := g.deregister("a"); err != nil {
			t.Fatal(err)
		}
		<-time.After(20 * time.Second)

		g.register("a")
		<-time.After(time.Minute)
		synctest.Wait()

		if e.ctx.Err() != nil {
			t.Errorf("its open exchange was cut: %v", context.Cause(e.ctx))
		}
		if got := g.status(); len(got) != 1 || got[0] != (TargetStatus{"a", "healthy", 1, ""}) {
			t.Errorf("status %v, want a healthy with one open", got)
		}
	})
}

// Taken back and deregistered again: the delay begins anew.
func TestDeregister_aSecondTimeHasItsOwnDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGroup(newScriptedChecker(), "a")
		e, _ := openOn(t, g)
		for range 2 {
			if err := g.deregister("a"); err != nil {
				t.Fatal(err)
			}
			<-time.After(10 * time.Second)
			g.register("a")
		}
		if err := g.deregister("a"); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		<-e.ctx.Done()
		if waited := time.Since(begin); waited != 30*time.Second {
			t.Errorf("cut after %v, want 30s", waited)
		}
	})
}

// Two checks are on their way when the target leaves, that of its registration and one
// of the interval; that both fail does not make it "unhealthy".
func TestDeregister_checksUnderWayChangeNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newScriptedChecker()
		c.set("a", false, true)
		g := testGroup(c)
		runGroup(t, g)
		<-time.After(4 * time.Second)
		g.register("a")
		<-time.After(1500 * time.Millisecond)
		if err := g.deregister("a"); err != nil {
			t.Fatal(err)
		}
		<-time.After(5 * time.Second)
		if got := g.status(); len(c.asked["a"]) != 2 || len(got) != 1 || got[0].State != "draining" {
			t.Errorf("asked at %v, status %v; want two checks and a draining", c.asked["a"], got)
		}
	})
}

func TestRegister_newTargetIsAskedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newScriptedChecker()
		g := testGroup(c, "a")
		runGroup(t, g)
		<-time.After(2 * time.Second)
		g.register("b")
		synctest.Wait()
		if got := c.asked["b"]; !slices.Equal(got, []time.Duration{2 * time.Second}) {
			t.Errorf("b was asked at %v, want 2s", got)
		}
		if got := c.asked["a"]; len(got) != 1 {
			t.Errorf("a was asked again at %v", got)
		}
	})
}

// fakeNames is a name server with one name.
type fakeNames struct {
	mu        sync.Mutex
	addresses []string // guarded by mu
	err       error    // guarded by mu
}

func (f *fakeNames) set(addresses []string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.addresses, f.err = addresses, err
}

func (f *fakeNames) resolve(context.Context, string) ([]netip.Addr, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []netip.Addr
	for _, a := range f.addresses {
		found = append(found, netip.MustParseAddr(a))
	}
	return found, f.err
}

// A second of trouble with a name is one line in the log, however often it is looked up.
func TestDiscover_saysOnceWhatIsWrongWithAName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		names := &fakeNames{err: &net.DNSError{IsNotFound: true}}
		g := testGroup(newScriptedChecker())
		g.log = slog.New(slog.NewTextHandler(&said, nil))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			g.discover(ctx, name{"chat-service", 8080}, names.resolve)
		}()
		for _, c := range []struct {
			addresses []string
			err       error
			want      string // in the one line
		}{
			{nil, &net.DNSError{IsNotFound: true}, "the name has no address"},
			{nil, errors.New("no route"), "no route"},
			{[]string{"10.0.0.1"}, nil, "msg=\"targets known again\""},
		} {
			names.set(c.addresses, c.err)
			<-time.After(10 * discoverInterval)
			synctest.Wait()
			if got := strings.Count(said.String(), "name=chat-service"); got != 1 || !strings.Contains(said.String(), c.want) {
				t.Errorf("%d lines about the name, want one with %s:\n%s", got, c.want, said.String())
			}
			said.Reset()
		}
		stop()
		<-done
	})
}

func TestDiscover_targetsFollowTheName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		names := &fakeNames{}
		g := testGroup(newScriptedChecker())
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			g.discover(ctx, name{"chat-service", 8080}, names.resolve)
		}()
		wait := func() { <-time.After(discoverInterval); synctest.Wait() }
		step := func(what string, addresses []string, err error, want string) {
			t.Helper()
			names.set(addresses, err)
			wait()
			newRound(g)
			if got := who(g, max(len(addresses), 1)); got != want {
				t.Errorf("%s: requests go to %q, want %q", what, got, want)
			}
		}

		step("two replicas", []string{"10.0.0.2", "10.0.0.1"}, nil, "10.0.0.1:8080 10.0.0.2:8080")
		step("a third", []string{"10.0.0.1", "10.0.0.2", "10.0.0.3"}, nil, "10.0.0.1:8080 10.0.0.2:8080 10.0.0.3:8080")
		step("one has left", []string{"10.0.0.1", "10.0.0.3"}, nil, "10.0.0.1:8080 10.0.0.3:8080")
		step("the name server is away", nil, errors.New("no route"), "10.0.0.1:8080")
		if err := g.deregister("10.0.0.3:8080"); err != nil {
			t.Fatal(err)
		}
		step("deregistered by hand, still in the name", []string{"10.0.0.1", "10.0.0.3"}, nil, "10.0.0.1:8080 10.0.0.1:8080")
		step("it leaves", []string{"10.0.0.1"}, nil, "10.0.0.1:8080")
		step("it comes back", []string{"10.0.0.1", "10.0.0.3"}, nil, "10.0.0.1:8080 10.0.0.3:8080")
		step("only IPv4 is taken", []string{"10.0.0.1", "2001:db8::1"}, nil, "10.0.0.1:8080 10.0.0.1:8080")
		gone := &net.DNSError{IsNotFound: true}
		step("the name is gone", nil, gone, "10.0.0.1:8080")
		step("still gone", nil, gone, "10.0.0.1:8080")
		step("the name server is away meanwhile", nil, errors.New("no route"), "10.0.0.1:8080")
		step("it was for a moment", []string{"10.0.0.1"}, nil, "10.0.0.1:8080")
		if err := g.deregister("10.0.0.1:8080"); err != nil {
			t.Fatal(err)
		}
		step("the last one deregistered by hand", []string{"10.0.0.1"}, nil, "nobody")
		step("it leaves for a second", nil, gone, "nobody")
		step("and is back", []string{"10.0.0.1"}, nil, "10.0.0.1:8080")
		g.register("10.0.0.4:8080")
		if err := g.deregister("10.0.0.4:8080"); err != nil {
			t.Fatal(err)
		}
		step("one was by hand only", []string{"10.0.0.1"}, nil, "10.0.0.1:8080")
		step("the name gives it later", []string{"10.0.0.1", "10.0.0.4"}, nil, "10.0.0.1:8080 10.0.0.4:8080")
		step("it leaves again", []string{"10.0.0.1"}, nil, "10.0.0.1:8080")
		step("the name is gone", nil, gone, "10.0.0.1:8080")
		step("still gone", nil, gone, "10.0.0.1:8080")
		step("there is no replica at all", nil, gone, "nobody")
		step("the first of a new start", []string{"10.0.0.9"}, nil, "10.0.0.9:8080")
		g.spec.IPv6 = true
		step("a group of IPv6", []string{"10.0.0.9", "2001:db8::1"}, nil, "[2001:db8::1]:8080 [2001:db8::1]:8080")
		stop()
		<-done
	})
}
