package gateway

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/pkg/limit"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

func newPlaces(shared limit.Counter) *limit.Limiter {
	return limit.New(shared, time.Now, slog.New(slog.DiscardHandler))
}

// twoNodes runs a test on two nodes that count a member's sessions together, two of them.
func twoNodes(t *testing.T, shared limit.Counter, test func(one, two *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		one := pipeWorld(t, 0, Limits{Sessions: 2, Places: newPlaces(shared)})
		test(one, pipeWorld(t, 0, Limits{Sessions: 2, Places: newPlaces(shared)}))
	})
}

const beating = "heart-beat:10000,0"

// beat keeps sessions alive for a while.
func beat(d time.Duration, clients ...*stomptest.Client) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(min(5*time.Second, time.Until(end)))
		for _, c := range clients {
			c.Raw("\n")
		}
	}
}

// refused expects that member 1 gets no session more.
func (w *world) refused(what string) {
	w.Helper()
	c := w.dial()
	c.Send("CONNECT", "", "accept-version:1.2", "receipt:r", "Authorization:Bearer "+w.token(1, time.Hour))
	f := c.Want("ERROR")
	if p := problem(w, f); p.Type != "urn:sixseat:problem:too-many-sessions" {
		w.Errorf("%s: %+v", what, p)
	}
	c.WantClose(4003)
}

func TestPlaces_oneTooManyIsRefusedOnAnyNode(t *testing.T) {
	twoNodes(t, limit.NewMemory(), func(one, two *world) {
		a, b := one.connect(1, beating), two.connect(1, beating)
		one.refused("on the first node")
		two.refused("on the second")
		two.connect(2)
		beat(time.Minute, a, b) // far beyond the lease: renewed
		one.refused("a minute later")

		a.Send("DISCONNECT", "", "receipt:bye")
		a.Want("RECEIPT")
		a.WantClose(1000)
		synctest.Wait()
		two.connect(1)
		one.refused("after one left and one came")
	})
}

func TestPlaces_aSilentOneYields(t *testing.T) {
	for what, nodes := range map[string]func(one, two *world) (old, young *world){
		"at once on the same node":            func(one, _ *world) (old, young *world) { return one, one },
		"at its next renewal on another node": func(one, two *world) (old, young *world) { return one, two },
	} {
		t.Run(what, func(t *testing.T) {
			twoNodes(t, limit.NewMemory(), func(one, two *world) {
				old, young := nodes(one, two)
				silent, alive := old.connect(1, beating), one.connect(1, beating)
				beat(10*time.Second, alive)
				young.refused("before the silent one missed a heart-beat")
				beat(3*time.Second, alive)

				begin := time.Now()
				young.connect(1, beating)

				silent.Want("ERROR")
				f := silent.Next()
				if f.Command != "CLOSE" || f.Code != 4003 {
					young.Errorf("got %v, want the silent session closed with 4003", f)
				}
				limit := time.Duration(0)
				if old != young {
					limit = renewEvery + sweepEvery
				}
				within(young, "the silent one was closed", f.At.Sub(begin), 0, limit)
				alive.Send("ACK", "", "id:x", "receipt:r")
				alive.Want("RECEIPT", "receipt-id:r")
			})
		})
	}
}

func TestPlaces_oneThatWasHeardAgainStays(t *testing.T) {
	twoNodes(t, limit.NewMemory(), func(one, two *world) {
		a, b := one.connect(1, beating), one.connect(1, beating)
		beat(15*time.Second, b) // a is silent
		beat(time.Second, a, b)
		time.Sleep(sweepEvery) // a is looked at
		two.refused("both live")
	})
}

// Whoever promised no heart-beat is silent only when it does not answer pings.
func TestPlaces_listenersWithoutHeartBeatsAreNotSilent(t *testing.T) {
	twoNodes(t, limit.NewMemory(), func(one, two *world) {
		one.connect(1)
		two.connect(1)
		for range 200 {
			time.Sleep(time.Second)
			two.refused("both answer pings")
		}
	})
}

// A node that dies gives nothing back and renews nothing; its members come again elsewhere.
func TestPlaces_ofADeadNodeYieldAfterHalfTheirLease(t *testing.T) {
	shared := limit.NewMemory()
	synctest.Test(t, func(t *testing.T) {
		places := newPlaces(shared)
		w := pipeWorld(t, 0, Limits{Sessions: 1, Places: places})
		if _, err := places.Hold(t.Context(), w.gateway.places(), limit.Holder{Who: "member1", Name: "dead"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(placeLease / 2)
		w.refused("while the node may live")
		time.Sleep(time.Nanosecond)
		w.connect(1)
	})
}

// gone is a counter that goes away when it is told so.
type gone struct {
	limit.Counter
	away atomic.Bool
}

var errGoneAway = errors.New("away")

func (g *gone) Hold(ctx context.Context, s limit.Slots, h limit.Holder, now time.Time) (limit.Held, error) {
	if g.away.Load() {
		return limit.Held{}, errGoneAway
	}
	return g.Counter.Hold(ctx, s, h, now)
}

func (g *gone) Renew(ctx context.Context, s limit.Slots, hs []limit.Holder, now time.Time) ([]bool, error) {
	if g.away.Load() {
		return nil, errGoneAway
	}
	return g.Counter.Renew(ctx, s, hs, now)
}

func (g *gone) Release(ctx context.Context, s limit.Slots, h limit.Holder) error {
	if g.away.Load() {
		return errGoneAway
	}
	return g.Counter.Release(ctx, s, h)
}

func TestPlaces_areCountedPerNodeWhileTheSharedCounterIsAway(t *testing.T) {
	shared := &gone{Counter: limit.NewMemory()}
	twoNodes(t, shared, func(one, two *world) {
		a, b := one.connect(1, beating), one.connect(1, beating)
		synctest.Wait()
		shared.away.Store(true)
		beat(10*time.Second, a, b) // both are counted by their own node now
		one.refused("on their own node")
		c := two.connect(1, beating)
		synctest.Wait()
		shared.away.Store(false)
		beat(10*time.Second, a, b, c) // all three are known again
		two.refused("three live, two are allowed")
		for _, c := range []*stomptest.Client{a, b, c} {
			c.Send("ACK", "", "id:x", "receipt:r")
			c.Want("RECEIPT")
		}
	})
}

// lateRenewals is a counter to which renewals come late.
type lateRenewals struct {
	Places
	begun atomic.Bool
}

func (p *lateRenewals) Renew(ctx context.Context, s limit.Slots, hs []limit.Holder) ([]limit.Holder, error) {
	p.begun.Store(true)
	time.Sleep(time.Second)
	return p.Places.Renew(ctx, s, hs)
}

// A renewal that was under way when its session ended takes no place for it again.
func TestPlaces_oneThatIsGoneIsNotRenewed(t *testing.T) {
	late := &lateRenewals{Places: newPlaces(nil)}
	limited(t, Limits{Sessions: 1, Places: late}, func(w *world) {
		c := w.connect(1)
		for !late.begun.Load() {
			time.Sleep(sweepEvery / sweepParts)
		}
		c.Hangup()
		time.Sleep(2 * time.Second)
		w.connect(1)
	})
}

// renewals notes in which second after the first one how many were renewed.
type renewals struct {
	Places
	began time.Time
	in    [10]int // only keepPlaces writes
}

func (r *renewals) Renew(ctx context.Context, s limit.Slots, hs []limit.Holder) ([]limit.Holder, error) {
	if second := int(time.Since(r.began) / time.Second); second < len(r.in) {
		r.in[second] += len(hs)
	}
	return r.Places.Renew(ctx, s, hs)
}

// After a storm all have come in the same second or two, and stay for hours.
func TestPlaces_ofThoseWhoCameTogetherAreNotRenewedTogether(t *testing.T) {
	const many = 100
	synctest.Test(t, func(t *testing.T) {
		seen := &renewals{Places: newPlaces(nil), began: time.Now()}
		w := pipeWorld(t, 0, Limits{Sessions: 1, Places: seen})
		for n := range many {
			w.connect(n + 1)
		}
		time.Sleep(time.Duration(len(seen.in)) * time.Second)
		synctest.Wait()
		all := 0
		for second, n := range seen.in {
			all += n
			if n > many/2 {
				t.Errorf("%d of %d are renewed in second %d: %v", n, many, second, seen.in)
			}
		}
		if all < many {
			t.Errorf("%d renewals of %d sessions in %d s: %v", all, many, len(seen.in), seen.in)
		}
	})
}
