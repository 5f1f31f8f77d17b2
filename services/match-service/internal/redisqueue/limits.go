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

	// maxTogether is how many steps go to Redis together: some five milliseconds of its
	// time, so that nobody's step waits long behind those of others.
	maxTogether = 64

	// maxFlights is how many such batches may be under way: one that Redis works on, and one
	// on its way.
	maxFlights = 2

	// maxWaiting is how many steps may wait to be sent, about half a second of Redis; beyond
	// that callers are told to come back.
	maxWaiting = 4096

	// stepTimeout bounds a batch; each of its waits for Redis has a limit of its own.
	stepTimeout = 5 * time.Second

	// quietAfter is how long the channel of changes may be silent before the connection
	// is pinged: a connection that died without a word must not go unnoticed.
	quietAfter = 10 * time.Second

	// listenAgainAfter is the pause before listening again after a failure.
	listenAgainAfter = time.Second
)
