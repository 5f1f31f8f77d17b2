package awssecrets

import "time"

const (
	// attempts is how often one question is asked before it counts as failed: AWS asks
	// clients to try again what was throttled or broke, and three is the SDK's own number.
	attempts = 3

	// attemptTimeout bounds one attempt: Secrets Manager answers within some 20 ms.
	attemptTimeout = 2 * time.Second

	// maxBackoff is the longest pause between two attempts. The SDK's own, 20 s, is longer
	// than anybody waits for a start or for a connection.
	maxBackoff = time.Second

	// readTimeout bounds one question with all its attempts, so that a service that cannot
	// start says so within 10 s.
	readTimeout = 6 * time.Second

	// askAgainAfter is the least time between two readings of a password that the database
	// refused. A whole pool is refused at once, and Secrets Manager has the new one some
	// seconds after the database does.
	askAgainAfter = time.Second

	// sayEvery is how often it is said that a secret cannot be used: rarely enough for a
	// log, and often enough for an alarm that looks at the last 15 minutes of it.
	sayEvery = 600 * time.Second
)
