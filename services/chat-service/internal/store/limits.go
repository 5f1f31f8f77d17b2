package store

import "time"

const (
	// maxQueued is how many posts may wait for their commit on this node, those in hand
	// included: a second of the highest load we aim at. Beyond, posts are refused at once: memory stays flat.
	maxQueued = 10_000

	// maxQueuedOctets bounds the text of those posts: a second of the highest load with
	// comments of a few lines, where 10,000 of the longest would take 80 MiB.
	maxQueuedOctets = 16 << 20

	// maxBatch is how many posts one commit takes: at 500 PostgreSQL is at its best
	// and a commit still ends within milliseconds.
	maxBatch = 500

	// waryFor is for how many commits no batch is stored as a plain one after that was tried in
	// vain. Posts that are known come in flocks, when clients come back, and a try in vain
	// takes more CPU than a commit: this adds a tenth to those of a flock.
	waryFor = 16

	// maxUntold is how many commits may wait to be told: while one is, the next is made.
	maxUntold = 1

	// fewPosts is how many are told of before the next commit is made: half a millisecond at
	// most, of the 2.5 that are between two commits anyway.
	fewPosts = 16

	// linger is the least time between two commits of a busy node. An idle one commits
	// at once; a busy one shares each fsync, and what a statement costs, among all that came
	// meanwhile. A message waits longer than it has to, by less than half of it on the average.
	linger = 2500 * time.Microsecond

	// postgresTimeout and sqliteTimeout bound one try of a commit, so that a hanging
	// database is noticed. A full batch takes milliseconds in PostgreSQL, on a busy laptop's
	// SQLite up to seconds.
	postgresTimeout = 2 * time.Second
	sqliteTimeout   = 10 * time.Second

	// retryFor is how long a post may wait for a try to begin, be it in the queue or for a
	// database that is away; so its answer comes within this time and a try. Long enough
	// for a restart of its process, and for a fail-over that nobody is told of: one try
	// hangs (2 s), or a dead connection is found out (1 s), and there is time for commits
	// on a new one. Short enough for the person who waits for the answer.
	retryFor = 5 * time.Second

	// retryFirst and retryMost bound the pause between tries; it doubles.
	retryFirst = 20 * time.Millisecond
	retryMost  = 500 * time.Millisecond

	// asideRetry is the pause between looks at rooms that others hold for long: an index
	// look-up that waits for nobody.
	asideRetry = 100 * time.Millisecond
)
