package archive

import "time"

const (
	// segmentMessages and segmentOctets bound a segment, the octets before they are
	// zipped: some twenty screens. A page of history reads one or two segments of it, not
	// the room, and a commit that removes one holds the room for milliseconds.
	segmentMessages = 1000
	segmentOctets   = 1 << 20

	// cacheOctets is how much memory segments take that were read and stay: whoever reads
	// an old room page by page fetches each segment once.
	cacheOctets = 16 << 20

	// segmentHeld is the most that a segment takes in memory: its strings, and what Go has
	// around those of a message (heldBy).
	segmentHeld = segmentOctets*6/5 + segmentMessages*330

	// fetchHeld is the most that is held for one fetch: the object, what it becomes, and the
	// buffers in between.
	fetchHeld = segmentOctets + segmentHeld + 128<<10

	// mostHeld is the most that History holds, but for the pages that are given: 38 MiB. An
	// archiver has some 5 MiB beside it, for one segment at a time.
	mostHeld = cacheOctets + maxFetches*fetchHeld

	// maxFetches is how many are fetched in one moment, one fetch for all who need the same.
	// maxFetchesEach is how many of them one page has, so that several pages come on: a room
	// that was silent and lively in turn has a segment for each silence.
	maxFetches     = 8
	maxFetchesEach = 4

	// fetchTimeout bounds one fetch, the wait for its turn included; a person waits.
	fetchTimeout = 10 * time.Second

	// openTimeout is how long a page waits for all of its segments.
	openTimeout = fetchTimeout

	// fillTimeout is how long a page that has messages waits for older ones, which may be
	// asked for once more: several times what a fetch takes, and short of impatience.
	fillTimeout = 2 * time.Second

	// sweepEvery is the time from one sweep to the next: a query by an index that finds
	// nothing as a rule.
	sweepEvery = time.Minute

	// claimAtOnce is how many rooms a node claims, and claimFor how long others leave them
	// alone: for a thousand segments, where a room has a few. It is also how long a room
	// that failed is left alone.
	claimAtOnce = 8
	claimFor    = 10 * time.Minute

	// maxMoved is how often a room may be other than it was read before it is left alone:
	// once somebody breaks a long silence, or another node is faster, and no more.
	maxMoved = 10
)
