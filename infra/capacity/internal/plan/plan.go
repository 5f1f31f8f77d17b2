package plan

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/pattern"
)

// Given is what a plan is made from.
type Given struct {
	Pattern pattern.Pattern
	Costs   *costs.Costs
	Prices  *Prices
	Zones   int
	Horizon time.Duration // the day for which disks are reckoned, beside the first: nothing deletes messages
}

// Plan is what a number of users needs.
type Plan struct {
	Traffic        Traffic    `json:"traffic"`
	Demand         Demand     `json:"demand"`
	Zones          int        `json:"zones"`
	Services       []Service  `json:"services"`
	Class          string     `json:"databaseClass"`
	Databases      []Database `json:"databases"`
	Disk           float64    `json:"diskGB"`    // of each database, at first
	MostDisk       float64    `json:"maxDiskGB"` // up to which it may grow
	MaxConnections int        `json:"maxConnections"`
	Cache          Cache      `json:"cache"`
	Balancer       Balancer   `json:"balancer"`
	Bill           []Line     `json:"bill"`
	Total          float64    `json:"usdPerMonth"`      // with the disks of the first month
	Later          float64    `json:"usdPerMonthLater"` // with those of Given.Horizon
	Ends           []End      `json:"ends"`             // of the stack as it is written; the first is nearest
	Notes          []string   `json:"notes"`
}

// End is where the stack, as Terraform builds it, cannot grow further.
type End struct {
	What  string  `json:"what"`
	Share float64 `json:"share"` // how much of it is used
	Then  string  `json:"then"`  // what would have to be built
}

// the stack's endpoints, and the firewall's rules: network.tf and firewall.tf.
const (
	endpoints     = 5
	firewallRules = 3
)

// Make makes a plan.
func Make(users float64, g Given) (*Plan, error) {
	switch {
	case !(users >= 1 && users <= MostUsers):
		return nil, fmt.Errorf("users must be from 1 to %g, is %g", float64(MostUsers), users)
	case g.Zones != 2 && g.Zones != 3:
		return nil, fmt.Errorf("zones must be 2 or 3, as the stack has it, is %d", g.Zones)
	case g.Horizon < storedAtFirst:
		return nil, fmt.Errorf("the horizon must be at least %v, is %v", storedAtFirst, g.Horizon)
	case g.Pattern.Day == nil:
		return nil, errors.New("the pattern says nothing of the day: day.present and day.average are missing")
	}
	p := &Plan{Traffic: NewTraffic(users, g.Pattern), Zones: g.Zones}
	if v := p.Traffic.Visit; v.Browse+v.Chat+v.Read == 0 {
		return nil, errors.New("the pattern's people do nothing that takes time, so that any number of visits would fit")
	}
	p.Demand = NewDemand(p.Traffic.PerSecond(), p.Traffic.Length, g.Costs)
	if err := p.services(g); err != nil {
		return nil, err
	}
	p.Traffic.Nodes = nodesOf(p.Services[0].Tasks, p.Traffic.Listeners)
	p.Demand = NewDemand(p.Traffic.PerSecond(), p.Traffic.Length, g.Costs)
	p.stores(g)
	p.Bill = g.Prices.bill(p)
	for _, l := range p.Bill {
		p.Total += l.USD
	}
	p.Later = p.Total + g.Prices.growth(p)
	p.ends(g)
	p.notes(g)
	return p, nil
}

func (p *Plan) services(g Given) error {
	t, d, m := p.Traffic, p.Demand, g.Costs.Memory
	further := t.further(g.Costs)
	for _, l := range []load{
		{costs.Chat, d.Cores[costs.Chat], t.Sockets, m.Subscribed, d.ChatWire, g.Costs.Idle[costs.Chat], t.Listeners, further},
		{costs.Match, d.Cores[costs.Match], t.Streams + t.Browsing, m.Stream, d.MatchWire, g.Costs.Idle[costs.Match], 0, costs.Unit{}},
	} {
		s := l.plan(g.Zones, g.Prices)
		if s.Tasks == 0 {
			return fmt.Errorf("%s-service fits into no task that Fargate has: idle it takes %.2f cores and %.0f MiB", l.name, l.idle.Cores, l.idle.RSS/(1<<20))
		}
		p.Services = append(p.Services, s)
	}
	return nil
}

// Most is the most tasks that a service may scale to.
func (s Service) Most() int { return int(math.Ceil(spread * float64(s.Tasks))) }

func (p *Plan) stores(g Given) {
	chat, match := p.Services[0], p.Services[1]
	needs := 2*max(chat.Most(), match.Most())*connectionsPerTask + connectionsKept
	p.MaxConnections = (needs + 49) / 50 * 50
	after := func(w Writes, since time.Duration) float64 {
		return w.Disk * p.Traffic.Average * since.Seconds() / (1 - diskFree) / 1e9
	}
	list := []*wanted{
		{Database{Name: costs.Chat, Stored: after(p.Demand.ChatDB, g.Horizon)}, p.Demand.ChatDB, chat.Tasks, chatCommitEvery, p.MaxConnections},
		{Database{Name: costs.Match, Stored: after(p.Demand.MatchDB, g.Horizon)}, p.Demand.MatchDB, match.Tasks, matchCommitEvery, p.MaxConnections},
	}
	p.Class = planDatabases(list).name
	p.Disk = leastDisk
	for _, d := range list {
		n := float64(d.Shards)
		p.Databases = append(p.Databases, d.Database)
		p.Disk = max(p.Disk, after(d.Writes, storedAtFirst)/n)
		p.MostDisk = max(p.MostDisk, d.Stored/n)
		if d.iops(d.tasks*d.Shards, d.commitEvery)/n > storeBusy*gp3(0) {
			p.Disk = max(p.Disk, 400)
		}
	}
	p.Disk = math.Ceil(p.Disk/10) * 10
	p.MostDisk = math.Min(mostDisk, math.Max(math.Ceil(p.MostDisk/10)*10, math.Ceil(p.Disk*1.1)))
	p.Disk = math.Min(p.Disk, math.Floor(mostDisk/1.1)) // RDS grows it from there
	p.Cache = planCache(p.Traffic, p.Demand, g.Costs)
	p.Balancer = planBalancer(p.Traffic, p.Demand, chat.Tasks+match.Tasks)
}

// ends is how near the things are that the stack has one of.
func (p *Plan) ends(g Given) {
	end := func(share float64, what, then string) { p.Ends = append(p.Ends, End{what, share, then}) }
	largest := databases[len(databases)-1]
	tasks := []int{p.Services[0].Tasks, p.Services[1].Tasks}
	for i, w := range []Writes{p.Demand.ChatDB, p.Demand.MatchDB} {
		d := p.Databases[i]
		end(w.Cores/largest.cpus/storeBusy, "CPU of the "+d.Name+" database", "shards of the database, which Terraform does not build: everything of a room lies in one")
		every := chatCommitEvery
		if i > 0 {
			every = matchCommitEvery
		}
		end(w.iops(tasks[i], every)/gp3(400)/storeBusy, "IOPS of the "+d.Name+" database", "iops in postgres.tf, up to 64,000, then shards")
		end(d.Stored/mostDisk, fmt.Sprintf("disk of the %s database, after %s", d.Name, days(g.Horizon)), "an end to what is kept, or shards of the database")
	}
	end(float64(p.MaxConnections)/mostDatabaseConnections, "connections to a database", "RDS Proxy or fewer connections of a task")
	node := nodes[len(nodes)-1]
	cpu, memory := p.Cache.Uses[0], p.Cache.Uses[1]
	end(cpu.Need/node.cpus/storeBusy, "CPU of the cache", "cluster mode: shards, which Terraform does not build")
	end(memory.Need/(node.memory*(1-reserved)/gib)/storeBusy, "memory of the cache", "cluster mode: shards, which Terraform does not build")
	// One node of match-service at a time takes entries, page after page; they wait for the
	// database as well, so that the end may be nearer than its CPU says.
	rates, each := p.Traffic.PerSecond(), g.Costs.Each
	entries := (rates[costs.Enter]*each[costs.Enter].Match + rates[costs.Leave]*each[costs.Leave].Match) / 1e6
	end(entries/storeBusy, "the one node that hears of entries", "match-service to hear of entries on several nodes")
	end(float64(tasks[0]+tasks[1])*spread/quotaTargets, "targets of the load balancer", "a higher quota, or a second load balancer")
	end(rules/float64(quotaRules), "rules of the load balancer", "a higher quota; they do not grow with the users")
	end(float64(p.Balancer.Balancers)/quotaBalancers, "load balancers of an account", "a higher quota, or a second account")
	end(float64(tasks[0]+tasks[1])*2*spread/float64(p.Zones)/addressesPerZone, "addresses in a zone, during a deploy", "larger subnets")
	end(float64(max(tasks[0], tasks[1]))*spread/quotaTasks, "tasks of a service", "a second service")
	slices.SortFunc(p.Ends, func(a, b End) int {
		if a.Share > b.Share {
			return -1
		}
		return 1
	})
}

// Beyond are the ends that are passed: what is planned cannot be built as the stack is
// written.
func (p *Plan) Beyond() (ends []End) {
	for _, e := range p.Ends {
		if e.Share > 1 {
			ends = append(ends, e)
		}
	}
	return ends
}

// Ceiling is up to how many users the stack carries as it is written, and what ends it.
func Ceiling(g Given) (users float64, by End, err error) {
	least, most := 1.0, float64(MostUsers)
	for most/least > 1.01 {
		middle := math.Sqrt(least * most)
		p, err := Make(middle, g)
		if err != nil {
			return 0, by, err
		}
		if beyond := p.Beyond(); len(beyond) > 0 {
			most, by = middle, beyond[0]
		} else {
			least = middle
		}
	}
	return least, by, nil
}

func (p *Plan) notes(g Given) {
	note := func(format string, args ...any) { p.Notes = append(p.Notes, fmt.Sprintf(format, args...)) }
	if p.Traffic.Few() {
		note("So few are there at once that most will not find five others within their patience. They count as if they did.")
	}
	where := fmt.Sprintf("Those who hear a message are on %.1f of %d chat tasks, on the average.", p.Traffic.Nodes, p.Services[0].Tasks)
	if _, measured := g.Costs.Each[costs.Hear]; measured {
		more := costs.Unit{}.Plus(p.Traffic.further(g.Costs), (p.Traffic.Nodes-1)/1e6)
		note("%s That they hear of each other is %.0f %% of chat-service's CPU and %.0f %% of the cache's.", where,
			100*more.Chat/p.Demand.Cores[costs.Chat], 100*more.Redis/p.Demand.Cores[costs.Redis])
	} else {
		note("%s What it takes to hear of each other is not in this plan: the costs do not say.", where)
	}
	for _, e := range p.Beyond() {
		note("The stack as written cannot carry this: %s is at %.0f %% of what there can be. It takes %s.", e.What, 100*e.Share, e.Then)
	}
	var vcpus float64
	for _, s := range p.Services {
		vcpus += float64(s.Tasks*s.CPU) / 1024
	}
	if vcpus > quotaFargate {
		note("Fargate: %.0f vCPUs, twice that while a deploy goes on. A new account has a quota of %d: ask for more before.", vcpus, quotaFargate)
	}
	if p.Balancer.Balancers > 1 {
		note("%d load balancers: one takes %d targets, unless the quota is raised.", p.Balancer.Balancers, quotaTargets)
	}
}
