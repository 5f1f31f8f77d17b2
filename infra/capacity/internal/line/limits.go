package line

import "time"

const (
	// dialTimeout bounds a connection and its upgrade: longer than any stall that a report
	// should show as latency.
	dialTimeout = 30 * time.Second

	// writeTimeout is how long a write may take; a target that reads nothing for so long has
	// given the line up.
	writeTimeout = 10 * time.Second

	// readBuffer is what one read of an answer takes at once.
	readBuffer = 4 << 10

	// readBlock is what one read of a WebSocket takes at once: some ten messages.
	readBlock = 4 << 10

	// maxMessage is the longest WebSocket message taken: twice the contract's frame.
	maxMessage = 128 << 10

	// maxBody is the longest HTTP body taken: a page of 200 long messages is below.
	maxBody = 4 << 20

	// perSource is how many connections go out from one loopback address: well below half of the
	// 28,232 ports that Linux gives out by default. When those of one parity are gone, it looks
	// at all of them for each connection before it takes one of the others (__inet_hash_connect).
	perSource = 12_000

	// keepUnused is how long a connection that nobody uses is handed out again: well below
	// the minute and more that services keep one.
	keepUnused = 30 * time.Second

	// maxKept is how many connections are kept: as many as requests are under way at once
	// where a service still answers in time.
	maxKept = 1000

	// stalledBuffer is the receive buffer of a line that will not read, the least that Linux
	// gives, and ethernetSegment its segment: so that its server feels it soon.
	ethernetSegment = 1460
	stalledBuffer   = 2 << 10
)
