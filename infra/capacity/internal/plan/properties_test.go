package plan

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

// size is everything that must not shrink when more users come.
func size(p *Plan) map[string]float64 {
	all := map[string]float64{
		"units": p.Balancer.Units, "balancers": float64(p.Balancer.Balancers), "stored": p.Databases[0].Stored + p.Databases[1].Stored,
		"cache shards": float64(p.Cache.Shards), "chat shards": float64(p.Databases[0].Shards), "match shards": float64(p.Databases[1].Shards),
	}
	return all
}

func TestMake_moreUsersNeverNeedLess(t *testing.T) {
	g := given(t)
	rapid.Check(t, func(t *rapid.T) {
		users := math.Pow(10, rapid.Float64Range(0, 8).Draw(t, "log users"))
		times := rapid.Float64Range(1, 20).Draw(t, "times")
		g.Zones = rapid.IntRange(2, 3).Draw(t, "zones")
		few, many := made(t, users, g), made(t, users*times, g)
		for i := range few.Services {
			if a, b := few.Bill[i].USD, many.Bill[i].USD; a > b {
				t.Errorf("%g users pay %g for %s, %g users %g", users, a, few.Bill[i].What, users*times, b)
			}
		}
		for what, n := range size(few) {
			if (what == "cache shards" || what == "chat shards") && many.Traffic.Nodes < few.Traffic.Nodes {
				continue // fewer, larger tasks have less to tell each other
			}
			if more := size(many)[what]; more < n {
				t.Errorf("%s: %g for %g users, %g for %g", what, n, users, more, users*times)
			}
		}
		for op, rate := range few.Traffic.PerSecond() {
			if op != costs.Hear && op != costs.NodeSecond && many.Traffic.PerSecond()[op] < rate {
				t.Errorf("%s: %g/s for %g users, and less for more", op, rate, users)
			}
		}
	})
}

func TestMake_dearerNeverNeedsFewer(t *testing.T) {
	g := given(t)
	rapid.Check(t, func(t *rapid.T) {
		users := math.Pow(10, rapid.Float64Range(3, 8).Draw(t, "log users"))
		op := rapid.SampledFrom(costs.Ops).Draw(t, "op")
		before := made(t, users, g)
		dear := g
		dear.Costs = round()
		dear.Costs.Each[op] = dear.Costs.Each[op].Plus(dear.Costs.Each[op], 1)
		after := made(t, users, dear)
		for i := range before.Services {
			if after.Bill[i].USD < before.Bill[i].USD {
				t.Errorf("twice as dear %s makes %s cheaper", op, before.Bill[i].What)
			}
		}
		for what, n := range size(before) {
			if (what == "cache shards" || what == "chat shards") && after.Traffic.Nodes < before.Traffic.Nodes {
				continue
			}
			if size(after)[what] < n {
				t.Errorf("twice as dear %s makes %s less: %g, then %g", op, what, n, size(after)[what])
			}
		}
	})
}

// Whatever is asked for, what remains without any one zone carries the busiest time.
func TestMake_aZoneMayBeLost(t *testing.T) {
	g := given(t)
	rapid.Check(t, func(t *rapid.T) {
		users := math.Pow(10, rapid.Float64Range(0, 9).Draw(t, "log users"))
		g.Zones = rapid.IntRange(2, 3).Draw(t, "zones")
		p := made(t, users, g)
		for _, s := range p.Services {
			perZone := (s.Tasks + g.Zones - 1) / g.Zones // in the fullest
			if s.Tasks < g.Zones || s.Left != s.Tasks-perZone {
				t.Fatalf("%d tasks in %d zones, %d left", s.Tasks, g.Zones, s.Left)
			}
			for _, u := range s.Without {
				if u.Share > strained {
					t.Errorf("%s: %s is at %g without a zone", s.Name, u.What, u.Share)
				}
			}
			for _, u := range s.Uses {
				if u.Share > busy {
					t.Errorf("%s: %s is at %g with all zones", s.Name, u.What, u.Share)
				}
			}
		}
		for _, d := range p.Databases {
			for _, u := range d.Uses {
				if p.MaxConnections <= mostDatabaseConnections && u.What != "connections" && u.Share > storeBusy {
					t.Errorf("database %s: %s is at %g", d.Name, u.What, u.Share)
				}
			}
		}
		if !fits(p.Cache.Uses) {
			t.Errorf("cache: %+v", p.Cache)
		}
	})
}
