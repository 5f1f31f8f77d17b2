package plan

import (
	"math"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

// Database is the PostgreSQL of a service. All have one class and one disk: the stack has
// one variable for both.
type Database struct {
	Name   string  `json:"name"`
	Shards int     `json:"shards"`
	Uses   []Use   `json:"uses"` // of all shards together
	Binds  string  `json:"binds"`
	Stored float64 `json:"storedGB"` // at Given.Horizon
}

// uses of a database, all shards of a class together.
func (w Writes) uses(i instance, shards, tasks int, commitEvery time.Duration, connections int) []Use {
	n := float64(shards)
	memory := w.Disk*hotFor.Seconds() + n*float64(connections)*perConnection
	return []Use{
		use("CPU", "cores", w.Cores, i.cpus*n, storeBusy),
		use("memory", "GiB", memory/gib, i.memory/gib*n, storeBusy),
		use("IOPS", "1/s", w.iops(tasks*shards, commitEvery), i.iops*n, storeBusy),
		use("connections", "open", n*float64(connections), n*math.Min(mostDatabaseConnections, math.Floor(i.memory/perConnection)), 1),
	}
}

// iops are commits, of which each of the journals, one for each node and shard, makes one for
// all that came since the last, and pages. A commit's log is one write: EBS counts up to 256
// KiB that lie side by side as one (EBS User Guide, "I/O characteristics").
func (w Writes) iops(journals int, commitEvery time.Duration) float64 {
	return math.Min(w.Commits, float64(journals)/commitEvery.Seconds()) + w.Disk/pageBytes*writesPerPage
}

// planDatabases takes one class for all of them, and shards only where the largest is not
// enough.
func planDatabases(list []*wanted) instance {
	best := 0
	for _, d := range list {
		var class int
		d.Shards, class = smallest(databases, d.Cores, d.fit)
		best = max(best, class)
	}
	for _, d := range list {
		d.Uses = d.uses(databases[best], d.Shards, d.tasks, d.commitEvery, d.connections)
		d.Binds = first(d.Uses)
	}
	return databases[best]
}

// smallest is as few shards as the largest instance allows, and the smallest one of which
// so many are enough. Every larger one is enough as well.
func smallest(list []instance, cores float64, fit func(i instance, shards int) bool) (shards, class int) {
	largest := len(list) - 1
	shards = max(1, int(cores/list[largest].cpus/storeBusy)) // what its CPU asks for: the search begins there
	for shards < mostTasks && !fit(list[largest], shards) {
		shards++
	}
	for class < largest && !fit(list[class], shards) {
		class++
	}
	return shards, class
}

// wanted is a database before it has a class.
type wanted struct {
	Database
	Writes
	tasks       int
	commitEvery time.Duration
	connections int
}

// fit says whether so many of a class are enough. More shards give no more connections: each
// task has some to every shard.
func (d *wanted) fit(i instance, shards int) bool {
	u := d.uses(i, shards, d.tasks, d.commitEvery, min(d.connections, mostDatabaseConnections))
	return fits(u) && d.Stored/float64(shards) <= mostDisk
}

// Cache is the Valkey.
type Cache struct {
	Type     string `json:"type"`
	Shards   int    `json:"shards"`
	Replicas int    `json:"replicas"`
	Uses     []Use  `json:"uses"`
	Binds    string `json:"binds"`
}

// planCache takes as few shards as the one thread and the memory of the largest allow, and
// the smallest type of which so many are enough.
func planCache(t Traffic, d Demand, c *costs.Costs) Cache {
	kept := t.Visits * t.Average * redisKeeps.Seconds() * c.Each[costs.Join].Kept
	memory := t.Streams*c.Memory.Waiting + t.Sockets*c.Memory.Presence + kept + c.Idle[costs.Redis].RSS
	cores := d.Cores[costs.Redis] + c.Idle[costs.Redis].Cores
	uses := func(i instance, shards int) []Use {
		n := float64(shards)
		return []Use{
			use("CPU", "cores", cores, i.cpus*n, storeBusy),
			use("memory", "GiB", memory/gib, i.memory*(1-reserved)/gib*n, storeBusy),
		}
	}
	shards, i := smallest(nodes, cores, func(i instance, shards int) bool { return fits(uses(i, shards)) })
	u := uses(nodes[i], shards)
	return Cache{nodes[i].name, shards, 1, u, first(u)}
}

func use(what, unit string, need, of, most float64) Use {
	return Use{what, need, of, unit, most, need / of}
}

func fits(uses []Use) bool {
	for _, u := range uses {
		if u.Share > u.Most {
			return false
		}
	}
	return true
}
