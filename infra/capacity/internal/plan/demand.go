package plan

import (
	"math"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

// Demand is what traffic takes in a second, beside what is there when nothing happens.
type Demand struct {
	Cores               map[string]float64 // by process, databases apart
	ChatDB, MatchDB     Writes
	ToPeople            float64 // octets, as below
	FromPeople          float64
	ChatWire, MatchWire float64 // of both and from Redis, by service
	Requests            float64 // to the load balancer
	MatchRequests       float64
	Opened              float64 // connections
}

// Writes is what goes to a database.
type Writes struct {
	Cores   float64
	Disk    float64 // octets a second, for good
	Commits float64 // a second, if each thing that is stored were one
}

// inMatch are things that happen in match-service; all others happen in chat-service.
var inMatch = map[costs.Op]bool{costs.SignIn: true, costs.FilmsPage: true, costs.Stream: true, costs.StreamSecond: true, costs.Join: true, costs.Room: true}

// requests are things that are an HTTP request each.
var requests = []costs.Op{costs.SignIn, costs.FilmsPage, costs.Stream, costs.Join, costs.Enter, costs.Connect, costs.HistoryPage, costs.Leave}

// NewDemand is what things cost, as often as they happen.
func NewDemand(rates map[costs.Op]float64, length float64, c *costs.Costs) Demand {
	d := Demand{Cores: map[string]float64{}}
	longer := longer(length, c)
	for _, op := range costs.Ops {
		u, rate := c.Each[op], rates[op]
		u.FromPeople += longer[op].FromPeople
		u.ToPeople += longer[op].ToPeople
		u.Disk = math.Max(0, u.Disk+longer[op].Disk)
		for _, process := range []string{costs.Chat, costs.Match, costs.Redis, costs.Postgres} {
			d.Cores[process] += rate * u.CPU(process) / 1e6
		}
		to, from := rate*math.Max(0, u.ToPeople), rate*math.Max(0, u.FromPeople)
		d.ToPeople, d.FromPeople = d.ToPeople+to, d.FromPeople+from
		db, wire := &d.ChatDB, &d.ChatWire
		if inMatch[op] {
			db, wire = &d.MatchDB, &d.MatchWire
		}
		*wire += to + from + rate*u.Bus
		db.Cores += rate * u.Postgres / 1e6
		db.Disk += rate * u.Disk
	}
	for _, op := range requests {
		d.Requests += rates[op]
		if inMatch[op] {
			d.MatchRequests += rates[op]
		}
	}
	d.ChatDB.Commits = rates[costs.Message] + rates[costs.Enter] + rates[costs.Leave]
	d.MatchDB.Commits = rates[costs.Join] + rates[costs.Room]
	return d
}

// longer is what messages of another length than the measured ones add: a character is an
// octet wherever the text goes.
func longer(length float64, c *costs.Costs) map[costs.Op]costs.Unit {
	by := length - c.Length
	if length == 0 { // nobody says anything
		by = 0
	}
	return map[costs.Op]costs.Unit{
		costs.Message:     {FromPeople: by, Disk: by},
		costs.Delivery:    {ToPeople: by},
		costs.HistoryPage: {ToPeople: historyPage * by},
	}
}
