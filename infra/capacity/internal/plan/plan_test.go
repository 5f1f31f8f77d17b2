package plan

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/pattern"
)

// A plan for 1,000,000 users, reckoned by hand. A mean time is 1 - e^-3 = 0.950 of what the
// pattern says.
func TestMake_asReckonedByHand(t *testing.T) {
	p := made(t, 1e6, given(t))
	// 100,000 are there. 25 wait; the others stay 0.950 x (4x5 + 10x10 + 5) = 118.8 s, so
	// 99,975 / 118.8 = 841.7 come each second.
	near(t, "there", p.Traffic.Present, 100_000, 0)
	near(t, "visits", p.Traffic.Visits, 841.7, 0.001)
	near(t, "waiting", p.Traffic.Streams, 25, 0)
	near(t, "sockets", p.Traffic.Sockets, 841.7*95.02, 0.001)
	rates := p.Traffic.PerSecond()
	near(t, "messages", rates[costs.Message], 841.7*9, 0.001)
	near(t, "rooms", rates[costs.Room], 841.7/6, 0.001)
	near(t, "films", rates[costs.FilmsPage], 841.7*4, 0.001)
	// Everybody stays for ten times of ten seconds. At one's j-th message the chance that
	// another is still there is that of a normal distribution at (10-j)/sqrt(10+j) times
	// 9.502/8.359 (mean and deviation of one time): 0.999 0.990 0.987 … add up to 8.17 of 9 for j = 1 to 9.
	var there float64
	for j := 1.0; j <= 9; j++ {
		there += 0.5 * (1 + math.Erf((10-j)/math.Sqrt(10+j)*9.502/8.359/math.Sqrt2))
	}
	near(t, "deliveries", rates[costs.Delivery], 841.7*(9+5*there), 0.002)
	// Those who hear a message are on so many of the tasks, and each visit has 12 things to tell
	// besides the first of them: 9 messages, an entry, online and not any more.
	tasks := float64(p.Services[0].Tasks)
	nodes := tasks * (1 - math.Pow(1-1/tasks, (9+5*there)/9))
	near(t, "nodes", p.Traffic.Nodes, nodes, 0.001)
	told := 12 * (nodes - 1)
	also := 95.02 / ((9 + 5*there) / 9) * (nodes - 1) // seconds that a visit's part of a room is open on further nodes
	// Per visit chat-service takes 300 + 400 + 5x95.02 + 9x100 + 40 x deliveries + 300 µs, and 30
	// for what it is told.
	perVisit := 300 + 400 + 5*95.02 + 900 + 40*(9+5*there) + 300 + 30*told + 2*also
	near(t, "cores of chat", p.Demand.Cores[costs.Chat], 841.7*perVisit/1e6, 0.002)
	// 100 + 4x200 + 100 + 300 + 600/6 + 50 (entry), and 10 for each of 25 streams.
	near(t, "cores of match", p.Demand.Cores[costs.Match], (841.7*(100+800+100+300+100+50)+250)/1e6, 0.001)
	// 300 + 50 + 9x100 + 200, and 3 for each second on a further node.
	near(t, "cores of the chat database", p.Demand.ChatDB.Cores, 841.7*(1450+3*also)/1e6, 0.001)
	near(t, "disk of the chat database", p.Demand.ChatDB.Disk, 841.7*(1000+9*500), 0.001)
	// A quarter of it on the average, for 100 days, and a fifth of the disk is free.
	near(t, "stored", p.Databases[0].Stored, 841.7*5500*0.25*100*86400/0.8/1e9, 0.001)
	// 20 µs of entering, 10 of the stream, 50 of joining, 50 of connecting, 9x20, and what tasks
	// are told and ask.
	near(t, "cores of the cache", p.Cache.Uses[0].Need, 841.7*(310+10*told+4*also)/1e6+0.01, 0.001)
	near(t, "memory of the cache", p.Cache.Uses[1].Need*gib, 25*2000+841.7*95.02*500+841.7*0.25*86400*1000+40<<20, 0.001)
	// Of the four dimensions new connections bind: each visit has six, and moves this many octets.
	octets := 1000 + 4*4500 + 4000 + 9*250 + 400*(9+5*there) + 10500
	near(t, "GB an hour", p.Balancer.Uses[2].Share, 841.7*octets*3600/1e9, 0.002)
	near(t, "active connections", p.Balancer.Uses[1].Share, (841.7*118.8+25)/3000, 0.001)
	near(t, "capacity units", p.Balancer.Units, 841.7*6/25, 0.001)
	if p.Balancer.Binds != "new connections" {
		t.Error(p.Balancer.Binds)
	}

	// 841.7 entries a second take 50 µs each of one core, of which 60 % may be used.
	entries := slices.IndexFunc(p.Ends, func(e End) bool { return e.What == "the one node that hears of entries" })
	near(t, "entries", p.Ends[entries].Share, 841.7*50/1e6/0.6, 0.001)

	s := p.Services[0]
	share := p.Demand.Cores[costs.Chat] / (float64(s.Left) * (float64(s.CPU)/1024 - 0.01))
	near(t, "CPU without a zone", s.Without[0].Share, share, 1e-9)
	if s.Tasks > handful || s.Left != s.Tasks-(s.Tasks+2)/3 {
		t.Errorf("%+v", s)
	}
	var total float64
	for _, l := range p.Bill {
		total += l.USD
	}
	near(t, "total", p.Total, total, 1e-9)
	// A GB of gp3 is 0.115 USD a month, and there are two of each; match-service's still has
	// room on its first disk.
	near(t, "total after 100 days", p.Later-p.Total, 2*0.115*(p.Databases[0].Stored-p.Disk), 0.001)
	near(t, "chat tasks", p.Bill[0].USD, float64(s.Tasks)*730*(float64(s.CPU)/1024*0.03238+float64(s.Memory)/1024*0.00356), 1e-9)
}

func TestMake_refusesWhatCannotBe(t *testing.T) {
	for _, c := range []struct {
		says   string
		users  float64
		change func(g *Given)
	}{
		{"users must be", 0, nil},
		{"users must be", math.NaN(), nil},
		{"users must be", math.Inf(1), nil},
		{"zones must be 2 or 3", 1000, func(g *Given) { g.Zones = 1 }},
		{"the horizon must be at least", 1000, func(g *Given) { g.Horizon = time.Hour }},
		{"nothing that takes time", 1000, func(g *Given) { g.Pattern.Kinds = []pattern.Kind{{Name: "nobody", Share: 1, Patience: time.Minute}} }},
		{"day.present", 1000, func(g *Given) { g.Pattern.Day = nil }},
		{"chat-service fits into no task", 1000, func(g *Given) {
			g.Costs.Idle[costs.Chat] = costs.Idle{RSS: 100 * gib}
		}},
	} {
		g := given(t)
		if c.change != nil {
			c.change(&g)
		}
		if _, err := Make(c.users, g); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v, want %q", err, c.says)
		}
	}
}

func TestCeiling_isWhereTheFirstEndIsPassed(t *testing.T) {
	g := given(t)
	users, by, err := Ceiling(g)
	if err != nil {
		t.Fatal(err)
	}
	if beyond := made(t, users, g).Beyond(); len(beyond) > 0 {
		t.Errorf("%g users are beyond %+v", users, beyond)
	}
	if beyond := made(t, users*1.02, g).Beyond(); len(beyond) == 0 || beyond[0].What != by.What {
		t.Errorf("%g users are beyond %+v, not %+v", users*1.02, beyond, by)
	}
}

func TestPlan_canBeReadAsJSON(t *testing.T) {
	p := made(t, 1e5, given(t))
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back Plan
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back.Services, p.Services) {
		t.Errorf("%v, %s", err, text)
	}
}
