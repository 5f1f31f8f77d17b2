package httpapi

import "time"

const (
	// maxBody is the longest request body in octets: a ticket with six nicknames of 20
	// characters is below 4 KiB.
	maxBody = 16 << 10

	// requestTimeout bounds a request's questions to the stores: a connection that hangs
	// must not hold one of the pool's few places for longer than a person waits.
	requestTimeout = 10 * time.Second
)
