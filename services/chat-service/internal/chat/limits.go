package chat

import "time"

const (
	// MaxComment is the longest comment in Unicode code points: a screenful.
	MaxComment = 2000

	// MaxKey is the longest idempotency key in code points: a UUID takes 36.
	MaxKey = 64

	// DefaultPage and MaxPage bound a page of history: a screen, and what still fits
	// in about a megabyte.
	DefaultPage = 50
	MaxPage     = 200

	// burstFactor is how many seconds' worth of messages a member may send at once.
	burstFactor = 3

	// maxMeters is how many members' send rates a node remembers; beyond, those that
	// are full again (idle long enough) are forgotten, and if none is, all are.
	maxMeters = 20_000

	// meterIdle is how long a send rate is kept without use; a bucket is full again
	// long before.
	meterIdle = time.Minute
)
