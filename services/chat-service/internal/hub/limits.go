package hub

import "time"

const (
	// recentOctets is how much of what was said last in all rooms stays in memory: 12,000
	// ordinary messages, six seconds of a node that carries 2,000 a second. What a client
	// misses during a short loss of its line is there without a query.
	recentOctets = 4 << 20

	// tailSize is how many messages of one room are looked for there. Who has missed more
	// shares a query with others.
	tailSize = 16

	// ordinaryPacked is what a message of some 400 letters is packed into without going to the
	// heap first.
	ordinaryPacked = 512

	// maxHeld is how many messages wait for a missing one before them; when it is
	// reached they are dropped and read from the store again, with the missing one.
	maxHeld = 256

	// holdFor is how long a gap is held before the store is asked. On one node a gap
	// is two commits that finish in the other order: microseconds.
	holdFor = 50 * time.Millisecond

	// healRetry is the pause after a heal, or a page of a replay, that the store did not give.
	healRetry = 500 * time.Millisecond

	// replayPage is how many messages a replay, or a heal, reads at once: with the
	// longest comments, of 8 KiB, in JSON and beside it, a megabyte for as long as the reader takes.
	replayPage = 64

	// maxFruitless is how often in a row the store may answer with nothing where something
	// is known to be, before it counts as lost: five seconds for a standby that lags. A
	// replay waits as often for a store that is away: a restart of its process.
	maxFruitless = 10

	// tailCheckEvery is how often the head of each active room is compared, a part of them
	// after the other: all at once would keep commits waiting. tailCheckAlone is how often
	// all are while the bus is down: it is then how long a message takes to the other nodes.
	tailCheckEvery = 5 * time.Second
	tailCheckParts = 10
	tailCheckAlone = 500 * time.Millisecond

	// maxHeadsPerQuery bounds the list of rooms in one statement.
	maxHeadsPerQuery = 5_000

	// maxPagesPerQuery bounds the pages in one statement: 30 MiB of ordinary messages
	// when each is full.
	maxPagesPerQuery = 500

	// batchWindow is how long the load of a cold room or a page waits for others, so that
	// a reconnect storm becomes a few queries.
	batchWindow = 5 * time.Millisecond

	// batchBetween is from one such query to the next, of each kind, while the storm lasts.
	batchBetween = 25 * time.Millisecond

	// enoughRooms is with how many cold rooms such a query waits for no others: a little more
	// than come to one in a storm of a thousand members a second.
	enoughRooms = 8

	// loadTimeout bounds one such query, and healTimeout a heal, which may ask the archive too.
	loadTimeout = 10 * time.Second
	healTimeout = 2 * loadTimeout

	// archiveWait is how long a replay waits for a page of the archive, and archiveTotal for
	// all of them, before its listener is told to go on with what the database has: several
	// times what a page takes, and short of impatience; a few hundred pages and some fetches.
	archiveWait  = 2 * time.Second
	archiveTotal = 10 * time.Second
)
