package store

import "time"

const (
	// maxGroup is how many waits or rooms one transaction commits: enough that one
	// transaction every few milliseconds carries any rate a node can serve.
	maxGroup = 256

	// maxQueued is how many may wait for their group; beyond that the database is too
	// slow for us, and callers are told to come back.
	maxQueued = 4096

	// linger is the least time from the beginning of one group commit to that of the next,
	// while there is more than one caller at a time. It makes larger groups, which cost the
	// database less, and a PUT and the room it makes wait 3 ms more each at worst.
	linger = 3 * time.Millisecond

	// lookWindow is how long the first who asks for their latest wait waits for others: they
	// come in storms, when the queue is empty, and a person does not notice 2 ms.
	lookWindow = 2 * time.Millisecond

	// lookTimeout bounds that query: nobody who asks waits longer, streams not even so long.
	lookTimeout = 4 * time.Second

	// groupTimeout bounds one group with its retries.
	groupTimeout = 4 * time.Second

	// retryPause stands before each retry of a group, growing; retries covers a
	// connection that a fail-over broke, not an outage.
	retryPause = 50 * time.Millisecond
	retries    = 3

	// maxConflicts is how often an ask is repeated because another node opened a wait
	// for the same member at the same moment.
	maxConflicts = 5

	// importBatch is how many films one INSERT carries.
	importBatch = 200
)
