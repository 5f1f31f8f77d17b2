package pattern

import "time"

const (
	// maxKinds is more than anybody can tell apart in a report.
	maxKinds = 20

	// maxFilms is one page of the catalogue.
	maxFilms = 100

	// maxPages and maxMessages bound one person's journey; more is another scenario.
	maxPages    = 100
	maxMessages = 1000

	// minLength has place for a message's number, maxLength is the contract's.
	minLength, maxLength = 10, 2000

	// maxTime bounds each time, so that a run of one journey ends within a day.
	maxTime = time.Hour

	// maxBytes is the longest pattern file; the one that comes with the program has 1 KiB.
	maxBytes = 64 << 10
)
