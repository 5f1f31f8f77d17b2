// Package plan says what a number of users needs: traffic is users times what they do,
// demand is traffic times what each thing costs, and of demand come tasks, databases,
// caches, load balancers and a bill. It knows nothing of where costs were measured.
package plan

import (
	"math"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/pattern"
)

// Visit is one visit of one person, on the average over all kinds of them.
type Visit struct {
	Ops         map[costs.Op]float64 // without how long streams stay open: that depends on how many come
	Browse      float64              // seconds of it, as those below
	Chat        float64
	Read        float64
	Patience    float64
	Films       int     // that people wait for
	Connections float64 // that a visit opens
	Length      float64 // characters of a message
	Told        float64 // what chat nodes tell each other: messages, entries, typing, presence
	Listeners   float64 // of a message, the author included
}

// NewVisit reads a visit off a pattern.
func NewVisit(p pattern.Pattern) Visit {
	v := Visit{Ops: map[costs.Op]float64{
		costs.SignIn: 1, costs.Stream: 1, costs.Join: 1, costs.Room: 1.0 / seats, costs.Enter: 1, costs.Connect: 1,
	}, Films: p.Films}
	var all, typed float64
	for _, k := range p.Kinds {
		all += k.Share
	}
	said := seats * (p.Messages() + 1) // what a room has at its end, six times who enters included
	for _, k := range p.Kinds {
		w := k.Share / all
		messages, listeners := float64(k.Chat.Messages), listeners(p, k)
		pages := math.Min(float64(k.History.Pages), math.Ceil(said/historyPage))
		v.Browse += w * float64(k.Browse.Pages) * pattern.Mean(k.Browse.Think).Seconds()
		v.Chat += w * (messages + 1) * pattern.Mean(k.Chat.Think).Seconds()
		v.Read += w * pages * pattern.Mean(k.History.Think).Seconds()
		v.Patience += w * k.Patience.Seconds()
		v.Ops[costs.FilmsPage] += w * float64(k.Browse.Pages)
		v.Ops[costs.Message] += w * messages
		v.Ops[costs.Delivery] += w * messages * listeners
		v.Ops[costs.HistoryPage] += w * pages
		v.Ops[costs.Signal] += w * messages * k.Chat.Typing * listeners // one in, and one out for each other
		v.Ops[costs.Leave] += w * k.Leaves
		v.Told += w * (messages*(1+k.Chat.Typing) + 1 + k.Leaves + presence)
		v.Length += w * messages * float64(k.Chat.Length)
		typed += w * messages
		if pages > 0 {
			v.Connections += w
		}
	}
	if typed > 0 {
		v.Length /= typed
		v.Listeners = v.Ops[costs.Delivery] / typed
	}
	v.Ops[costs.ConnectionSecond] = v.Chat
	v.Connections += 5 // films, event stream, PUT, ticket, WebSocket; the one above is for history
	return v
}

// Traffic is what happens at the busiest time.
type Traffic struct {
	Visit
	Users    float64 `json:"users"`
	Present  float64 `json:"present"` // at once
	Visits   float64 `json:"visitsPerSecond"`
	Average  float64 `json:"average"`  // traffic of day and night, as a share of this
	Sockets  float64 `json:"sockets"`  // open at once
	Streams  float64 `json:"streams"`  // likewise, one for each who waits
	Browsing float64 `json:"browsing"` // who looks at films or reads back, at once
	Nodes    float64 `json:"nodes"`    // of chat-service on which the listeners of a message are; 1 until tasks are planned
}

// NewTraffic is what users do. Who is there is on a visit; by Little's law there are as
// many as come in a second times the seconds that they stay.
func NewTraffic(users float64, p pattern.Pattern) Traffic {
	t := Traffic{Visit: NewVisit(p), Users: users, Present: users * p.Day.Present, Average: p.Day.Average, Nodes: 1}
	stay := t.Browse + t.Chat + t.Read
	// On the average two and a half wait for a film, however many come: from none to five.
	waiting := float64(t.Films) * (seats - 1) / 2
	if t.Visits = (t.Present - waiting) / stay; t.Visits*t.Patience < waiting { // few come: patience ends the wait
		t.Visits = t.Present / (stay + t.Patience)
	}
	t.at(t.Visits, waiting)
	return t
}

func (t *Traffic) at(visits, waiting float64) {
	t.Visits = visits
	t.Streams = math.Min(waiting, visits*t.Patience)
	t.Sockets = visits * t.Chat
	t.Browsing = visits * (t.Browse + t.Read)
}

// PerSecond is how often each thing happens.
func (t Traffic) PerSecond() map[costs.Op]float64 {
	rates := map[costs.Op]float64{costs.StreamSecond: t.Streams, costs.Hear: t.told() * (t.Nodes - 1), costs.NodeSecond: t.rooms() * (t.Nodes - 1)}
	for op, n := range t.Ops {
		rates[op] = n * t.Visits
	}
	rates[costs.Stream] += t.reopened()
	return rates
}

// told is what chat nodes tell each other in a second.
func (t Traffic) told() float64 { return t.Visits * t.Told }

// rooms are open at once, each with as many as hear a message.
func (t Traffic) rooms() float64 { return t.Sockets / math.Max(1, t.Listeners) }

// reopened is how many streams a second are opened again.
func (t Traffic) reopened() float64 { return t.Visits * again(t.Streams/t.Visits) }

// again is how often an event stream is opened again in a wait that takes so many seconds on
// the average, and ends by chance: match-service ends each after a while.
func again(wait float64) float64 { return 1 / math.Expm1(streamLife.Seconds()/wait) }

// further is what it takes in a second to have all rooms on one chat node more.
func (t Traffic) further(c *costs.Costs) costs.Unit {
	return costs.Unit{}.Plus(c.Each[costs.Hear], t.told()).Plus(c.Each[costs.NodeSecond], t.rooms())
}

// nodesOf is on how many of so many nodes members are who each go to any of them.
func nodesOf(nodes int, members float64) float64 {
	n := float64(nodes)
	return math.Max(1, n*(1-math.Pow(1-1/n, members)))
}

// Few says that most will not find five others within their patience.
func (t Traffic) Few() bool { return t.Streams < float64(t.Films)*(seats-1)/2 }
