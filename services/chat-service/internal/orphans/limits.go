package orphans

import "time"

const (
	// unsentFor is how long a picture may be without a message after a SEND tried it: many
	// times what a SEND and its retries take, so that nobody is in the middle of it. Who
	// mends a refused transaction may send it again meanwhile.
	unsentFor = time.Hour

	// sweepEvery is the time from one sweep to the next: a query by an index that finds
	// nothing as a rule.
	sweepEvery = 10 * time.Minute
)
