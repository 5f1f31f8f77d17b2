package plan

import "strings"

// What AWS has. Sizes are those that infra/terraform takes; prices are in the price file.

// taskSize is a size of a Fargate task: CPU units, 1024 to a CPU, and MiB.
type taskSize struct{ cpu, memory int }

// taskSizes are those of local.fargate in variables.tf, small ones first.
func taskSizes() (sizes []taskSize) {
	add := func(cpu, from, to int) {
		for memory := from; memory <= to; memory += 1024 {
			sizes = append(sizes, taskSize{cpu, memory})
		}
	}
	sizes = append(sizes, taskSize{256, 512})
	add(256, 1024, 2048)
	add(512, 1024, 4096)
	add(1024, 2048, 8192)
	add(2048, 4096, 16384)
	add(4096, 8192, 30720)
	return sizes
}

// instance is a class of databases or a type of cache nodes. A burstable one counts with
// what it has for ever, its baseline.
type instance struct {
	name   string
	cpus   float64
	memory float64 // octets
	iops   float64 // to its disk, at all times; nodes have none
}

const gib = 1 << 30

// instances are those of RDS (RDS User Guide, DB instance classes; EBS-optimised baseline of
// the like-named EC2 types) and of ElastiCache (ElastiCache User Guide, supported node
// types), of each small ones first. A node runs commands in one thread, so that it has one
// CPU for them, whatever it has.
var instances = []instance{
	{"db.t4g.small", 2 * 0.2, 2 * gib, 1_000},
	{"db.t4g.medium", 2 * 0.2, 4 * gib, 2_000},
	{"db.m7g.large", 2, 8 * gib, 3_600},
	{"db.m7g.xlarge", 4, 16 * gib, 6_000},
	{"db.m7g.2xlarge", 8, 32 * gib, 12_000},
	{"db.m7g.4xlarge", 16, 64 * gib, 20_000},
	{"db.m7g.8xlarge", 32, 128 * gib, 40_000},
	{"db.m7g.12xlarge", 48, 192 * gib, 60_000},
	{"db.m7g.16xlarge", 64, 256 * gib, 80_000},
	{"cache.t4g.small", 0.4, 1.37 * gib, 0},
	{"cache.t4g.medium", 0.4, 3.09 * gib, 0},
	{"cache.m7g.large", 1, 6.38 * gib, 0},
	{"cache.m7g.xlarge", 1, 12.93 * gib, 0},
	{"cache.m7g.2xlarge", 1, 26.04 * gib, 0},
	{"cache.r7g.2xlarge", 1, 52.82 * gib, 0},
	{"cache.r7g.4xlarge", 1, 105.81 * gib, 0},
	{"cache.r7g.8xlarge", 1, 209.55 * gib, 0},
	{"cache.r7g.12xlarge", 1, 317.77 * gib, 0},
}

var databases, nodes = of("db."), of("cache.")

// of is the instances of a service.
func of(prefix string) (list []instance) {
	for _, i := range instances {
		if strings.HasPrefix(i.name, prefix) {
			list = append(list, i)
		}
	}
	return list
}

// reserved is the share of a node's memory that ElastiCache keeps for itself
// (reserved-memory-percent).
const reserved = 0.25

// gp3 is what a disk of RDS gives without being asked for more: 3,000 operations a second
// below 400 GB, 12,000 from there on (RDS User Guide, gp3 storage). The stack asks for none.
func gp3(gigabytes float64) float64 {
	if gigabytes < 400 {
		return 3_000
	}
	return 12_000
}

// mostDatabaseConnections is where RDS ends whatever the memory is.
const mostDatabaseConnections = 5_000

// A capacity unit of an ALB (LCU) is the most used of four dimensions
// (aws.amazon.com/elasticloadbalancing/pricing, and the user guide).
const (
	lcuNew    = 25.0   // new connections a second
	lcuActive = 3000.0 // active connections, as sampled each minute
	lcuBytes  = 1e9    // processed octets an hour, both directions
	lcuRules  = 1000.0 // rule evaluations a second: requests times the rules beyond the free ones
	freeRules = 10
)

// rules are those of the listener in listener_rules.tf.
const rules = 3

// Quotas of an account in a region, as they are at first. For the connections of an ALB AWS
// names none: it grows with its traffic.
const (
	quotaTargets     = 1000 // targets of an ALB, and of a target group (ELB guide, quotas)
	quotaBalancers   = 50   // ALBs (likewise)
	quotaRules       = 100  // rules of an ALB (likewise)
	quotaTasks       = 5000 // tasks of a service (ECS guide, service quotas)
	quotaFargate     = 6    // on-demand vCPUs of Fargate in a new account (ECS guide, Fargate quotas)
	addressesPerZone = 4091 // of a /20 of network.tf, one for each task
)
