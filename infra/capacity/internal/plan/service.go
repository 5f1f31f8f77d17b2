package plan

import (
	"math"
	"slices"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

// Use is how much of something is used at the busiest time.
type Use struct {
	What  string  `json:"what"`
	Need  float64 `json:"need"`
	Of    float64 `json:"of"` // what all that is planned have
	Unit  string  `json:"unit"`
	Most  float64 `json:"most"` // the share that a plan uses
	Share float64 `json:"share"`
}

// first is what binds: of which the largest part of what may be used is used.
func first(uses []Use) string {
	return slices.MaxFunc(uses, func(a, b Use) int {
		if a.Share/a.Most < b.Share/b.Most {
			return -1
		}
		return 1
	}).What
}

// Service is the tasks of a service.
type Service struct {
	Name    string  `json:"name"`
	CPU     int     `json:"cpuUnits"` // of a task
	Memory  int     `json:"memoryMiB"`
	Tasks   int     `json:"tasks"`
	Left    int     `json:"tasksWithoutAZone"`
	Uses    []Use   `json:"uses"`
	Without []Use   `json:"usesWithoutAZone"`
	Binds   string  `json:"binds"`
	PerTask float64 `json:"openPerTask"` // connections of people, without a zone
}

// load is what comes to a service.
type load struct {
	name    string
	cores   float64
	open    float64 // connections of people
	perOpen float64 // octets of memory of one
	wire    float64 // octets a second
	idle    costs.Idle

	listeners float64    // of a message, who go to any task
	further   costs.Unit // a second of all rooms on one task more
}

// on is the load when it is on so many tasks.
func (l load) on(tasks int) load {
	more := nodesOf(tasks, l.listeners) - 1
	l.cores += more * l.further.Chat / 1e6
	l.wire += more * l.further.Bus
	return l
}

// remaining is how many tasks are left when the zone with most of them is gone: ECS
// spreads them evenly.
func remaining(tasks, zones int) int { return tasks - (tasks+zones-1)/zones }

// needed is the least number of tasks, at least one in each zone, that carry a load which
// is so many times what one task can.
func needed(ratio float64, zones int) int {
	tasks := max(zones, int(math.Ceil(ratio/busy)))
	for tasks < mostTasks && ratio > strained*float64(remaining(tasks, zones)) {
		tasks++
	}
	return tasks
}

// dimension is one thing of which a task has so much.
type dimension struct {
	what, unit string
	need, task float64
}

// socketsOf is how many a task may hold.
func socketsOf(s taskSize) float64 {
	return math.Min(mostSockets, math.Floor(stackMemory*float64(s.memory)*(1<<20)/stackPerSocket))
}

// dimensions of a load on tasks of a size; a negative one says that it fits into none.
func (l load) dimensions(s taskSize) []dimension {
	cpus, memory := float64(s.cpu)/1024, float64(s.memory)*(1<<20)
	return []dimension{
		{"CPU", "cores", l.cores, cpus - l.idle.Cores},
		// The service's own part is there in each task; strained is applied to all of it.
		{"memory", "MiB", l.open * (l.perOpen + kernelPerSocket) / (1 << 20), (memory - l.idle.RSS/strained) / (1 << 20)},
		{"connections", "open", l.open, socketsOf(s)},
		{"network", "MB/s", l.wire / 1e6, cpus * networkPerCPU / 1e6},
	}
}

// tasks is how many of a size carry a load; 0: none do.
func (l load) tasks(s taskSize, zones int) int {
	n := zones
	for again := true; again; { // more tasks have more to tell each other
		before := n
		for _, d := range l.on(n).dimensions(s) {
			if d.task <= 0 {
				return 0
			}
			n = max(n, needed(d.need/d.task, zones))
		}
		again = n > before
	}
	return n
}

// plan is the cheapest tasks that carry the load. More than a handful are only taken of
// the largest CPU. No tasks: none carry it.
func (l load) plan(zones int, prices *Prices) (best Service) {
	var least float64
	sizes := taskSizes()
	largest := sizes[len(sizes)-1].cpu
	for _, s := range sizes {
		n := l.tasks(s, zones)
		if n == 0 || n > handful && s.cpu < largest {
			continue
		}
		if cost := float64(n) * prices.task(s); best.Tasks == 0 || cost < least {
			best, least = l.service(s, n, zones), cost
		}
	}
	return best
}

func (l load) service(s taskSize, n, zones int) Service {
	v := Service{Name: l.name, CPU: s.cpu, Memory: s.memory, Tasks: n, Left: remaining(n, zones)}
	v.PerTask = l.open / float64(v.Left)
	for _, d := range l.on(n).dimensions(s) {
		use := func(tasks int, most float64) Use {
			of := d.task * float64(tasks)
			return Use{d.what, d.need, of, d.unit, most, d.need / of}
		}
		v.Uses, v.Without = append(v.Uses, use(n, busy)), append(v.Without, use(v.Left, strained))
	}
	v.Binds = first(v.Without)
	if n == zones && slices.MaxFunc(v.Without, func(a, b Use) int { return int(math.Copysign(1, a.Share-b.Share)) }).Share < strained/2 {
		v.Binds = "nothing: one in each zone is enough"
	}
	return v
}
