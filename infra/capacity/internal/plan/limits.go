package plan

import "time"

// Head-room: shares of what there is that a plan uses at the busiest time.
const (
	// busy is with all zones there. The stack's target tracking holds a service at 60 %
	// (scaling in service_chat.tf and service_match.tf): a plan above it would be scaled out.
	busy = 0.6

	// strained is with a zone gone: the rest must carry everything until other tasks stand.
	// Above 80 % of a CPU times of waiting grow steeply, and chat-service refuses sockets at
	// 80 % of its memory (LIMIT_MEMORY).
	strained = 0.8

	// storeBusy is for a database or cache, which a stand-by in another zone replaces whole:
	// no zone's loss to carry, but vacuum, checkpoints and backups beside the traffic.
	storeBusy = 0.6

	// spread is how far above the planned number of tasks a service may scale, so that a plan
	// that was too small is one alarm and no outage.
	spread = 1.5
)

// What a task can do.
const (
	// mostSockets is what a task may hold: its 65,536 open files (nofile in
	// modules/service), less what else is open and a margin.
	mostSockets = 60_000

	// kernelPerSocket is what the kernel keeps for a socket in both directions, which counts
	// to a container's memory and not to a process's.
	kernelPerSocket = 8 << 10

	// stackPerSocket is what the stack reckons with (chat.sockets in variables.tf), and
	// stackMemory for how much of the memory: a plan must not ask for more.
	stackPerSocket = 64 << 10
	stackMemory    = 0.8

	// networkPerCPU is octets a second and CPU: an assumption, a quarter of 1 Gbit/s. AWS
	// documents nothing for Fargate, and we have not measured it.
	networkPerCPU = 31.25e6

	// handful is how many tasks of a size are taken before the next larger size is: each
	// has connectionsPerTask to the database, twice as many during a deploy, and takes its
	// turn in each deploy.
	handful = 12

	// leastSockets is the least that the stack lets a task have (chat.sockets in variables.tf).
	leastSockets = 100

	// mostTasks is where the search for a number of tasks ends; a service of ECS has 5,000.
	mostTasks = 1_000_000
)

// What the services do, from their own limits; a test compares them.
const (
	connectionsPerTask = 12                      // pkg/database/limits.go maxConns
	connectionsKept    = 20                      // infra/terraform/postgres.tf connections_kept
	chatCommitEvery    = 2500 * time.Microsecond // services/chat-service/internal/store/limits.go linger
	matchCommitEvery   = 3 * time.Millisecond    // services/match-service/internal/store/limits.go linger
	streamLife         = 120 * time.Second       // services/match-service/internal/httpapi/limits.go streamLife
	redisKeeps         = 24 * time.Hour          // services/match-service/internal/redisqueue/limits.go keepEnded
	historyPage        = 50                      // services/chat-service/internal/chat/limits.go DefaultPage
	seats              = 6

	// presence is what a node tells the others of a visit (services/chat-service/internal/live):
	// that somebody is online, and is not any more.
	presence = 2
)

// What databases do.
const (
	// perConnection is what a connection takes of a database's memory: a process with its
	// caches of plans and catalogue, as RDS reckons (DBInstanceClassMemory/9531392).
	perConnection = 9_531_392

	// hotFor is how long what was written stays wanted: history is read within the visit,
	// and a reconnect asks for minutes.
	hotFor = time.Hour

	// pageBytes is a page of PostgreSQL, and writesPerPage how often one is written: by a
	// checkpoint, and once more for vacuum and for full pages in the log.
	pageBytes, writesPerPage = 8 << 10, 2

	// storedAtFirst is for how long the disk is bought at first; RDS makes it larger by
	// itself up to max_storage.
	storedAtFirst = 30 * 24 * time.Hour

	// diskFree is the share of a disk that is kept free: RDS grows it when 10 % are left.
	diskFree = 0.2

	// disk sizes that RDS has, in GB.
	leastDisk, mostDisk = 20, 65_536
)

const (
	hoursAMonth = 730

	// maxBytes is the longest price file: the one that comes with the program has 6 KiB.
	maxBytes = 64 << 10

	// leastSteady is how many samples, one each second, a steady part of a journey needs.
	leastSteady = 15

	// MostUsers is everybody.
	MostUsers = 1e10
)
