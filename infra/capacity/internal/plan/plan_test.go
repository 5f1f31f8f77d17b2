package plan

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/pattern"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
	"github.com/sixseat/sixseat/infra/capacity/internal/usage"
)

// alike is people who all do the same: 4 pages of films, 9 messages, a page of history.
func alike() pattern.Pattern {
	return pattern.Pattern{Films: 10, Day: &pattern.Day{Present: 0.1, Average: 0.25}, Kinds: []pattern.Kind{{
		Name: "all", Share: 1, Patience: time.Minute,
		Browse: pattern.Reading{Pages: 4, Think: 5 * time.Second}, Chat: pattern.Chat{Messages: 9, Think: 10 * time.Second, Length: 60},
		History: pattern.Reading{Pages: 1, Think: 5 * time.Second},
	}}}
}

// round are costs in round numbers.
func round() *costs.Costs {
	c := &costs.Costs{
		Schema: costs.Schema, Date: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), Commit: "abc", Machine: report.Machine{CPU: "Test", CPUs: 2},
		Length: 60,
		Each: map[costs.Op]costs.Unit{
			costs.SignIn:           {Match: 100, ToPeople: 500, FromPeople: 500},
			costs.FilmsPage:        {Match: 200, ToPeople: 4000, FromPeople: 500},
			costs.Stream:           {Match: 100, Redis: 10},
			costs.StreamSecond:     {Match: 10},
			costs.Join:             {Match: 300, Postgres: 200, Redis: 50, WAL: 500, Disk: 400, Kept: 1000},
			costs.Room:             {Match: 600, Postgres: 600, WAL: 3000, Disk: 2000},
			costs.Enter:            {Chat: 300, Match: 50, Postgres: 300, Redis: 20, WAL: 1500, Disk: 1000},
			costs.Connect:          {Chat: 400, Postgres: 50, Redis: 50, ToPeople: 3000, FromPeople: 1000},
			costs.ConnectionSecond: {Chat: 5},
			costs.Message:          {Chat: 100, Postgres: 100, Redis: 20, ToPeople: 80, FromPeople: 170, WAL: 600, Disk: 500},
			costs.Delivery:         {Chat: 40, ToPeople: 400},
			costs.Signal:           {Chat: 40, ToPeople: 200},
			costs.HistoryPage:      {Chat: 300, Postgres: 200, ToPeople: 10000, FromPeople: 500},
		},
		Memory: costs.Memory{Connected: 10 << 10, Subscribed: 20 << 10, Stream: 40 << 10, Waiting: 2000, Presence: 500},
		Idle:   map[string]costs.Idle{},
	}
	for _, process := range []string{costs.Chat, costs.Match, costs.Postgres, costs.Redis} {
		c.Idle[process] = costs.Idle{RSS: 40 << 20, Cores: 0.01}
	}
	return c
}

func listed(t testing.TB) *Prices {
	t.Helper()
	f, err := os.Open("../../prices.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := ReadPrices(f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func given(t testing.TB) Given {
	return Given{Pattern: alike(), Costs: round(), Prices: listed(t), Zones: 3, Horizon: 100 * 24 * time.Hour}
}

func made(t rapid.TB, users float64, g Given) *Plan {
	t.Helper()
	p, err := Make(users, g)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
		t.Errorf("%s: %g, want %g", what, got, want)
	}
}

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
	// Per visit chat-service takes 300 + 400 + 5x95.02 + 9x100 + 40 x deliveries + 300 µs.
	perVisit := 300 + 400 + 5*95.02 + 900 + 40*(9+5*there) + 300
	near(t, "cores of chat", p.Demand.Cores[costs.Chat], 841.7*perVisit/1e6, 0.002)
	// 100 + 4x200 + 100 + 300 + 600/6 + 50 (entry), and 10 for each of 25 streams.
	near(t, "cores of match", p.Demand.Cores[costs.Match], (841.7*(100+800+100+300+100+50)+250)/1e6, 0.001)
	// 300 + 50 + 9x100 + 200.
	near(t, "cores of the chat database", p.Demand.ChatDB.Cores, 841.7*1450/1e6, 0.001)
	near(t, "disk of the chat database", p.Demand.ChatDB.Disk, 841.7*(1000+9*500), 0.001)
	// A quarter of it on the average, for 100 days, and a fifth of the disk is free.
	near(t, "stored", p.Databases[0].Stored, 841.7*5500*0.25*100*86400/0.8/1e9, 0.001)
	// 20 µs of entering, 10 of the stream, 50 of joining, 50 of connecting, 9x20.
	near(t, "cores of the cache", p.Cache.Uses[0].Need, 841.7*310/1e6+0.01, 0.001)
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
			if more := size(many)[what]; more < n {
				t.Errorf("%s: %g for %g users, %g for %g", what, n, users, more, users*times)
			}
		}
		for op, rate := range few.Traffic.PerSecond() {
			if many.Traffic.PerSecond()[op] < rate {
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

func TestDemand_isLinear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rates := map[costs.Op]float64{}
		for _, op := range costs.Ops {
			rates[op] = rapid.Float64Range(0, 1e5).Draw(t, string(op))
		}
		times := rapid.Float64Range(0.1, 50).Draw(t, "times")
		more := map[costs.Op]float64{}
		for op, rate := range rates {
			more[op] = rate * times
		}
		a, b := NewDemand(rates, 100, round()), NewDemand(more, 100, round())
		for _, pair := range [][2]float64{
			{a.Cores[costs.Chat], b.Cores[costs.Chat]}, {a.Cores[costs.Redis], b.Cores[costs.Redis]}, {a.ToPeople, b.ToPeople},
			{a.ChatDB.Disk, b.ChatDB.Disk}, {a.MatchDB.WAL, b.MatchDB.WAL}, {a.Requests, b.Requests},
		} {
			if math.Abs(pair[0]*times-pair[1]) > 1e-9*pair[1] {
				t.Errorf("%g x %g is %g", pair[0], times, pair[1])
			}
		}
	})
}

func TestTraffic_isLinearBeyondTheWait(t *testing.T) {
	a, b := NewTraffic(1e6, alike()), NewTraffic(2e6, alike())
	for op, rate := range a.PerSecond() {
		if op == costs.StreamSecond {
			continue // as many wait, however many come
		}
		near(t, string(op), b.PerSecond()[op], 2*rate, 0.001)
	}
	if few := NewTraffic(100, alike()); !few.Few() || few.Visits <= 0 || few.Streams > few.Present {
		t.Errorf("%+v", few)
	}
}

func TestListeners_areThoseWhoAreStillThere(t *testing.T) {
	p := alike()
	guest := p.Kinds[0]
	guest.Name, guest.Chat.Messages, guest.Chat.Think = "guest", 1, time.Second
	p.Kinds = append(p.Kinds, guest)
	// A guest's message comes in the first second, when all six are there but guests who
	// have left; a stayer's mostly when guests, half of all, have gone.
	if n := listeners(p, guest); n < 4.9 || n > 5.8 {
		t.Errorf("%g hear a guest", n)
	}
	if n := listeners(p, p.Kinds[0]); n < 3 || n > 3.6 {
		t.Errorf("%g hear who stays", n)
	}
	silent := guest
	silent.Chat.Messages = 0
	if n := listeners(p, silent); n != 0 {
		t.Errorf("%g hear who says nothing", n)
	}
}

// Longer messages move and store more octets, and as many more as they are longer.
func TestDemand_knowsTheLengthOfMessages(t *testing.T) {
	rates := map[costs.Op]float64{costs.Message: 10, costs.Delivery: 60}
	a, b := NewDemand(rates, 60, round()), NewDemand(rates, 160, round())
	if b.ToPeople-a.ToPeople != 6000 || b.FromPeople-a.FromPeople != 1000 || b.ChatDB.Disk-a.ChatDB.Disk != 1000 {
		t.Errorf("%+v, %+v", a, b)
	}
	if silent := NewDemand(rates, 0, round()); silent.ToPeople != a.ToPeople {
		t.Errorf("without messages a delivery has %g octets, not %g", silent.ToPeople/60, a.ToPeople/60)
	}
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

// A journey that went as planned agrees, and one that took twice the CPU does not.
func TestJourney_comparesWithWhatWasUsed(t *testing.T) {
	p := alike()
	e := expect(1200, 20, p)
	near(t, "sockets", e.sockets, 20*60*1175/1200, 0.001) // all have come before the first has gone: 60 s of coming, 95 of chatting
	near(t, "messages", e.happens[costs.Message], 9*1175, 0.001)
	near(t, "joins", e.happens[costs.Join], 1200, 0)
	d := NewDemand(e.happens, e.visit.Length, round())
	r := &report.Result{
		Scenario: "journey", Settings: map[string]string{"connections": "1200", "ramp": "20"},
		Connections: int64(e.sockets), Sent: 9 * 1175, Delivered: int64(e.happens[costs.Delivery] + 6*1175),
		ToPeople: int64(d.ToPeople), FromPeople: int64(d.FromPeople),
		Steps: []report.Step{{Seconds: 200, CPU: map[string]float64{
			costs.Chat: d.Cores[costs.Chat] + 2, costs.Match: d.Cores[costs.Match] + 2, costs.Postgres: d.Cores[costs.Postgres] + 2, costs.Redis: 2 * (d.Cores[costs.Redis] + 2),
		}}},
	}
	figures, err := Journey(r, p, round())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		switch {
		case strings.HasPrefix(f.What, "memory"): // none was sampled
		case f.What == "CPU of redis":
			near(t, f.What, f.Off(), 0.5, 0.01)
		default:
			if f.Off() > 0.01 {
				t.Errorf("%s: planned %g, used %g", f.What, f.Planned, f.Used)
			}
		}
	}
	r.Scenario = "chat"
	if _, err := Journey(r, p, round()); err == nil {
		t.Error("chat is no journey")
	}
}

// 20 a second come for 200 s and stay for 119: in the rest there is what a plan has for as
// many users, and twice the CPU is seen.
func TestSteady_comparesTheBusyTimeOfAJourney(t *testing.T) {
	p, c := alike(), round()
	traffic := comingAt(20, p)
	near(t, "visits", traffic.Visits, 20, 1e-9)
	near(t, "sockets", traffic.Sockets, 20*95.02, 0.001)
	d := NewDemand(traffic.PerSecond(), traffic.Length, c)
	r := &report.Result{Scenario: "journey", Settings: map[string]string{"connections": "4000", "ramp": "20"}}
	for i := range 300 {
		s := report.Second{At: float64(i), Usage: map[string]usage.Sample{}}
		if i > 140 && i <= 200 { // before and after something else, which does not count
			s.Sent, s.Connections = 180, 1900
			s.Delivered = int64(traffic.PerSecond()[costs.Delivery] + 6*20)
		}
		for _, name := range []string{costs.Chat, costs.Match, costs.Postgres, costs.Redis} {
			s.Usage[name] = usage.Sample{CPU: float64(i) * (d.Cores[name] + 0.01)}
		}
		s.Usage[costs.Redis] = usage.Sample{CPU: 2 * s.Usage[costs.Redis].CPU}
		r.Seconds = append(r.Seconds, s)
	}
	figures, err := Steady(r, p, c)
	if err != nil || len(figures) != 7 {
		t.Fatal(figures, err)
	}
	for _, f := range figures {
		want := 0.0
		if strings.HasSuffix(f.What, "CPU of redis") {
			want = 0.5
		}
		if math.Abs(f.Off()-want) > 0.02 {
			t.Errorf("%s: planned %g, used %g", f.What, f.Planned, f.Used)
		}
	}
	r.Settings["connections"] = "2000" // all have come before the first has gone
	if figures, err := Steady(r, p, c); figures != nil || err != nil {
		t.Error(figures, err)
	}
}

func TestNodesOf_isWhereSixAre(t *testing.T) {
	// Of three nodes each is missed by six with (2/3)^6 = 64/729.
	near(t, "of three", nodesOf(3), 3*665.0/729, 1e-9)
	near(t, "of one", nodesOf(1), 1, 0)
	near(t, "of many", nodesOf(1e6), 6, 1e-4)
}

// Numbers that stand in a program as well are the program's.
func TestLimits_areThoseOfThePrograms(t *testing.T) {
	text, err := os.ReadFile("limits.go")
	if err != nil {
		t.Fatal(err)
	}
	copied := regexp.MustCompile(`(?m)^\s+(\w+)\s+= (\d+(?: \* time\.\w+)?)\s+// (\S+) (\w+)$`)
	found := 0
	for _, m := range copied.FindAllStringSubmatch(string(text), -1) {
		found++
		source, err := os.ReadFile("../../../../" + m[3])
		if err != nil {
			t.Error(err)
			continue
		}
		in := regexp.MustCompile(`(?m)^\s*` + m[4] + `\s*=\s*(\d+(?: \* time\.\w+)?)`)
		if got := in.FindStringSubmatch(string(source)); got == nil || got[1] != m[2] {
			t.Errorf("%s is %s here, and in %s %s is %v", m[1], m[2], m[3], m[4], got)
		}
	}
	if found != 6 {
		t.Errorf("%d numbers were compared, want 6", found)
	}
}

func TestReadPrices_namesTheFieldThatIsWrong(t *testing.T) {
	text, err := os.ReadFile("../../prices.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lcu := `alb.lcu:  { usd: 0.008, unit: LCU-hour, region: us-east-1, source: "https://aws.amazon.com/elasticloadbalancing/pricing/", date: 2026-11-28 }`
	line := strconv.Itoa(1 + strings.Count(string(text)[:strings.Index(string(text), lcu)], "\n"))
	for _, c := range []struct{ to, says string }{
		{"", "alb.lcu is missing"},
		{strings.Replace(lcu, "0.008", "0", 1), "line " + line + ": alb.lcu.usd must be a number from"},
		{strings.Replace(lcu, "0.008", ".nan", 1), "alb.lcu.usd"},
		{strings.Replace(lcu, "0.008", "free", 1), "alb.lcu.usd"},
		{strings.Replace(lcu, "usd: 0.008, ", "", 1), "alb.lcu.usd is missing"},
		{strings.Replace(lcu, "LCU-hour", "hour", 1), "alb.lcu.unit must be LCU-hour"},
		{strings.Replace(lcu, "us-east-1", "eu-west-1", 1), "alb.lcu.region must be us-east-1"},
		{strings.Replace(lcu, "2026-11-28", "today", 1), "alb.lcu.date must be a date"},
		{strings.Replace(lcu, "unit:", "per:", 1), "alb.lcu.per is no field"},
		{lcu + "\nalb.lcu2: 3", "alb.lcu2 is no field"},
	} {
		_, err := ReadPrices(strings.NewReader(strings.Replace(string(text), lcu, c.to, 1)))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %q", c.to, err, c.says)
		}
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

func basis(t testing.TB) Basis {
	return Basis{Given: given(t), CostsFile: "costs/x.json", PricesFile: "prices.yaml", PatternFile: "p.yaml", Ceiling: 1e6, By: End{"the <disk>", 1, "more"}}
}

func TestWriteTable_saysWhatBindsAndWhatItRestsOn(t *testing.T) {
	var b strings.Builder
	small, large := made(t, 1e4, given(t)), made(t, 1e8, given(t))
	if err := WriteTable(&b, []*Plan{small, large}, basis(t)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"10,000", "100,000,000", "binds first", small.Services[0].Binds, fmt.Sprintf("%d × %s", large.Databases[0].Shards, large.Class), "costs/x.json", "check them", "cannot carry this"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestWriteHTML_needsNothingButItself(t *testing.T) {
	var b strings.Builder
	if err := WriteHTML(&b, []*Plan{made(t, 1e4, given(t)), made(t, 1e8, given(t))}, basis(t)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`name="viewport"`, "color-scheme: light dark", "the &lt;disk&gt;", "100,000,000 users", `class="use over"`, "the bill"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in the page", want)
		}
	}
	for _, bad := range []string{"<script", "<link", "src=", "ZgotmplZ", "NaN", "%!"} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("%q in the page", bad)
		}
	}
}
