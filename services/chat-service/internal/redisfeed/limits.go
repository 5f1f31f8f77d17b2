package redisfeed

import "time"

const (
	// batch is how many entries are moved at once: a hundred rooms that fill together.
	batch = 600

	// slack is how long before the clock a heartbeat's time lies: an entry gets its time
	// before it is committed, and a commit takes far less than this.
	slack = 2 * time.Second

	// againAfter is when an entry is told a second time: much later than its readers need,
	// and much sooner than a seat is given on.
	againAfter = 5 * time.Second

	// timeout bounds one round of moving entries.
	timeout = 5 * time.Second
)
