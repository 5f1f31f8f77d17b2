package plan

import (
	"fmt"
	"math"
	"strconv"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/pattern"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// Figure is something that a plan expects of a journey, and what it really was.
type Figure struct {
	What, Unit    string
	Planned, Used float64
}

// Off is by how much the plan was off, as a share of what was used.
func (f Figure) Off() float64 { return math.Abs(f.Planned/f.Used - 1) }

// Journey holds what a plan expects of a journey's people against what the journey used:
// the same sums that Make begins with, over the time of a run.
func Journey(r *report.Result, p pattern.Pattern, c *costs.Costs) ([]Figure, error) {
	visitors, perSecond, err := arrivals(r)
	if err != nil {
		return nil, err
	}
	e := expect(visitors, perSecond, p)
	d := NewDemand(e.happens, e.visit.Length, c) // in all, not per second
	var seconds float64
	used := map[string]float64{}
	for _, step := range r.Steps {
		seconds += step.Seconds
		for name, sample := range step.Used {
			used[name] += sample.CPU
		}
	}
	rss := map[string]float64{}
	for _, s := range r.Seconds {
		for name, sample := range s.Usage {
			rss[name] = math.Max(rss[name], float64(sample.RSS)/(1<<20))
		}
	}
	m := c.Memory
	memory := map[string]float64{
		costs.Chat:  e.sockets * m.Subscribed,
		costs.Match: e.waiting * m.Stream,
		costs.Redis: e.waiting*m.Waiting + e.sockets*m.Presence + visitors*c.Each[costs.Join].Kept,
	}
	figures := []Figure{
		{"messages", "", e.happens[costs.Message], float64(r.Sent)},
		{"deliveries", "", e.happens[costs.Delivery] + e.entered, float64(r.Delivered)},
		{"sockets at once", "", e.sockets, float64(r.Connections)},
		{"to people", "MB", d.ToPeople / 1e6, float64(r.ToPeople) / 1e6},
		{"from people", "MB", d.FromPeople / 1e6, float64(r.FromPeople) / 1e6},
	}
	for _, name := range []string{costs.Chat, costs.Match, costs.Postgres, costs.Redis} {
		figures = append(figures, Figure{"CPU of " + name, "s", d.Cores[name] + c.Idle[name].Cores*seconds, used[name]})
	}
	for _, name := range []string{costs.Chat, costs.Match, costs.Redis} {
		figures = append(figures, Figure{"memory of " + name, "MiB", (c.Idle[name].RSS + memory[name]) / (1 << 20), rss[name]})
	}
	return figures, nil
}

// arrivals is how many came on a journey, and how many a second.
func arrivals(r *report.Result) (visitors, perSecond float64, err error) {
	if r.Scenario != "journey" {
		return 0, 0, fmt.Errorf("the result is of the scenario %s, not of a journey", r.Scenario)
	}
	if visitors, err = strconv.ParseFloat(r.Settings["connections"], 64); err != nil {
		return 0, 0, fmt.Errorf("settings.connections: %w", err)
	}
	if perSecond, err = strconv.ParseFloat(r.Settings["ramp"], 64); err != nil || !(perSecond > 0) {
		return 0, 0, fmt.Errorf("settings.ramp is %q", r.Settings["ramp"])
	}
	return visitors, perSecond, nil
}

// expected is what happens on a journey, in all.
type expected struct {
	visit            Visit
	happens          map[costs.Op]float64
	sockets, waiting float64 // at once
	entered          float64 // deliveries of who came in: part of Connect
}

func expect(visitors, perSecond float64, p pattern.Pattern) expected {
	v := NewVisit(p)
	waiting := math.Min(float64(p.Films)*(seats-1)/2, perSecond*v.Patience)
	whole := math.Max(0, visitors-waiting) // the last who wait for a film have no five others
	e := expected{visit: v, happens: map[costs.Op]float64{}, waiting: math.Min(waiting, visitors), entered: seats * whole}
	for op, n := range v.Ops {
		e.happens[op] = n * whole
		if inMatch[op] && op != costs.Room {
			e.happens[op] = n * visitors
		}
	}
	e.happens[costs.Stream] += visitors * again(e.waiting/perSecond)
	coming := visitors / perSecond
	// As many wait while people come; those who are left over then, until they give up.
	e.happens[costs.StreamSecond] = e.waiting * (coming + v.Patience)
	e.sockets = atOnce(whole, coming, waiting/perSecond, p)
	return e
}

// atOnce is how many chat when most do, if visitors come evenly for as many seconds and
// each takes the time of its kind.
func atOnce(visitors, coming, wait float64, p pattern.Pattern) (most float64) {
	var all float64
	for _, k := range p.Kinds {
		all += k.Share
	}
	times := func(k pattern.Kind) (from, to float64) {
		from = float64(k.Browse.Pages)*pattern.Mean(k.Browse.Think).Seconds() + wait
		return from, from + float64(k.Chat.Messages+1)*pattern.Mean(k.Chat.Think).Seconds()
	}
	at := func(t float64) (n float64) {
		for _, k := range p.Kinds {
			from, to := times(k)
			n += k.Share / all * visitors / coming * math.Max(0, math.Min(coming, t-from)-math.Max(0, t-to))
		}
		return n
	}
	for _, k := range p.Kinds { // the sum of straight lines is highest where one of them bends
		from, to := times(k)
		for _, t := range []float64{from, to, coming + from, coming + to} {
			most = math.Max(most, at(t))
		}
	}
	return most
}
