package redislimit

import "time"

// When many want slots at one moment, they are asked for in one pipeline: each question by
// itself costs this process and Redis a system call, and some more, for every connection of a
// storm. Who comes alone waits for holdWindow.
const (
	holdWindow = time.Millisecond

	// holdBetween is from one pipeline to the next in a storm, on the average.
	holdBetween = 2 * time.Millisecond

	// maxHolds is what one pipeline asks for, a few milliseconds of Redis, and holdTimeout how
	// long it may take: as long as package limit waits for an answer.
	maxHolds    = 100
	holdTimeout = 2 * time.Second
)
