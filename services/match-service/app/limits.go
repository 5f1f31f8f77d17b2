package app

import "time"

const (
	// GCPercent is Go's GOGC where the environment does not say it. While
	// garbage is collected half a core is not there for those who wait to be told of their
	// room; memory is what a node has more of than it needs.
	GCPercent = 200

	// maxRanked is how many films are told apart by popularity and counted: more than the
	// catalogue has. Each costs a fraction of a microsecond of Redis per lengthsEvery.
	maxRanked = 2_000

	// lengthsEvery is how often a node reads how many wait, by rank: about as often as
	// Prometheus asks.
	lengthsEvery = 10 * time.Second

	// readsOfKey is how often the secret of the signing keys is read while a new key waits for
	// its turn: each node knows it, and tells chat-service, within a tenth of that time. At
	// 10 minutes it is a minute, some 45,000 questions a month and node, at 5 cents for
	// 10,000.
	readsOfKey = 10

	// leastKeyAfter is the shortest such time: a secret is read ten times a second at most.
	leastKeyAfter = time.Second

	// lengthsPage is how many films one question counts: what the queue takes at once.
	lengthsPage = 100
)
