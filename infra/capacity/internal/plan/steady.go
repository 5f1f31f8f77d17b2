package plan

import (
	"errors"
	"math"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/pattern"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// Steady holds what a plan says of a busy time against the part of a journey in which as
// many come as go: the same Traffic and Demand that Make begins with. ErrNeverSteady: the
// journey has no such part.
func Steady(r *report.Result, p pattern.Pattern, c *costs.Costs) ([]Figure, error) {
	visitors, perSecond, err := arrivals(r)
	if err != nil {
		return nil, err
	}
	t := comingAt(perSecond, p)
	d := NewDemand(t.PerSecond(), t.Length, c)
	part := between(r.Seconds, stays(p)+t.Streams/perSecond, visitors/perSecond)
	if len(part) < leastSteady {
		return nil, ErrNeverSteady
	}
	first, last := part[0], part[len(part)-1]
	seconds := last.At - first.At
	var sent, delivered, open float64
	for _, s := range part[1:] {
		sent, delivered = sent+float64(s.Sent), delivered+float64(s.Delivered)
		open += float64(s.Connections) / float64(len(part)-1)
	}
	rates := t.PerSecond()
	figures := []Figure{
		{"messages", "1/s", rates[costs.Message], sent / seconds},
		{"deliveries", "1/s", rates[costs.Delivery] + seats*t.Visits, delivered / seconds}, // and of who comes in: part of Connect
		{"sockets", "", t.Sockets, open},
	}
	for _, name := range []string{costs.Chat, costs.Match, costs.Postgres, costs.Redis} {
		used := (last.Usage[name].CPU - first.Usage[name].CPU) / seconds
		figures = append(figures, Figure{"CPU of " + name, "cores", d.Cores[name] + c.Idle[name].Cores, used})
	}
	for i := range figures {
		figures[i].What = "while as many come as go, " + figures[i].What
	}
	return figures, nil
}

// ErrNeverSteady is of a journey on which the last comes before the first ones have gone.
var ErrNeverSteady = errors.New("the journey has no time in which as many come as go")

// comingAt is the traffic of as many users, all of them there, as make so many visits a second.
func comingAt(visits float64, p pattern.Pattern) Traffic {
	p.Day = &pattern.Day{Present: 1, Average: 1}
	v := NewVisit(p)
	return NewTraffic(visits*(v.Browse+v.Chat+v.Read)+math.Min(float64(p.Films)*(seats-1)/2, visits*v.Patience), p)
}

// stays is for how long the kind that stays longest mostly does: a standard deviation above
// its mean, so that what stays longer is some 3 % of what is there.
func stays(p pattern.Pattern) (longest float64) {
	for _, k := range p.Kinds {
		var mean, variance float64
		for _, part := range []pattern.Reading{k.Browse, {Pages: k.Chat.Messages + 1, Think: k.Chat.Think}, k.History} {
			mean += float64(part.Pages) * pattern.Mean(part.Think).Seconds()
			variance += float64(part.Pages) * pattern.Variance(part.Think)
		}
		longest = math.Max(longest, mean+math.Sqrt(variance))
	}
	return longest
}

// between are the samples of a time that know all processes.
func between(all []report.Second, from, to float64) (part []report.Second) {
	for _, s := range all {
		known := true
		for _, name := range []string{costs.Chat, costs.Match, costs.Postgres, costs.Redis} {
			_, sampled := s.Usage[name]
			known = known && sampled
		}
		if known && s.At >= from && s.At <= to {
			part = append(part, s)
		}
	}
	return part
}
