package redisqueue

import "time"

const (
	// keepEnded is how long what the store knows for good stays here as well, from its
	// last change: a day, after which hardly anybody asks. Then the store is asked.
	keepEnded = 24 * time.Hour

	// maxCounted is how many films one count may ask for; a page has at most 100.
	maxCounted = 100

	// maxEntries is how many entries of the feed are read at once.
	maxEntries = 200

	// quietAfter is how long the channel of changes may be silent before the connection
	// is pinged: a connection that died without a word must not go unnoticed.
	quietAfter = 10 * time.Second

	// listenAgainAfter is the pause before listening again after a failure.
	listenAgainAfter = time.Second

	// stepWindow is how long a step waits for the pipeline before it: several trips of a
	// busy Redis. One that hangs holds up nobody else for longer.
	stepWindow = 2 * time.Millisecond

	// stepTimeout bounds a pipeline: two tries of the client's, each of 2 s. Who asked may
	// give up before.
	stepTimeout = 4 * time.Second

	// maxSteps is how many steps go in one pipeline: a few milliseconds of Redis.
	maxSteps = 64
)
