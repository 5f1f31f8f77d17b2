package chatter

import "time"

const (
	// DialTimeout is when a client gives a node up that does not answer.
	DialTimeout = 5 * time.Second

	// A client whose socket broke tries again after a pause between these two; stock ones
	// wait longer, which gives a test less to see.
	pauseLeast, pauseMost = 50 * time.Millisecond, 300 * time.Millisecond

	// sendAgainEvery is how often a client sends what was refused for its pace, or because
	// a store was away.
	sendAgainEvery = time.Second

	// ceiling is how long Await waits for what must come; it is only waited for in full when
	// something is broken.
	ceiling = time.Minute

	// awaitEvery is how often Await looks.
	awaitEvery = 50 * time.Millisecond

	// findingsShown is how many findings a failing test prints: one cause has many of them.
	findingsShown = 20

	// keyless says that one saying in so many has no idempotency key.
	keyless = 5
)
