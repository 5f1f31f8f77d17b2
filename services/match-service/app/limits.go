package app

import "time"

const (
	// maxRanked is how many films are told apart by popularity and counted: more than the
	// catalogue has. Each costs a fraction of a microsecond of Redis per lengthsEvery.
	maxRanked = 2_000

	// lengthsEvery is how often a node reads how many wait, by rank: about as often as
	// Prometheus asks.
	lengthsEvery = 10 * time.Second

	// lengthsPage is how many films one question counts: what the queue takes at once.
	lengthsPage = 100
)
