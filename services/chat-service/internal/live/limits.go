package live

import "time"

const (
	// offlineAfter is how long a member who is gone from a node counts as online there: a
	// client that lost its line, or whose node stops, is back in five seconds.
	offlineAfter = 10 * time.Second

	// A node's word counts for leaseFor, prolonged every renewEvery, and each active room
	// is asked for every hearEvery, in hearParts parts one after the other: who dies is offline everywhere within 13 s, of the 15
	// that the product promises, and three renewals may fail.
	leaseFor   = 8 * time.Second
	renewEvery = 2 * time.Second
	hearEvery  = 5 * time.Second
	hearParts  = 20

	// askTimeout bounds one question to Presence.
	askTimeout = 2 * time.Second

	// linger is the least time between two such questions: those who come meanwhile are
	// asked for together.
	linger = 5 * time.Millisecond

	// maxRoomsPerAsk bounds one question: about 300 KB when all of them are full.
	maxRoomsPerAsk = 500

	// sayAgainEvery is how often a room's word is repeated, and KeepFor is how long
	// Presence may keep it: what dead nodes have said is forgotten.
	sayAgainEvery = 10 * time.Minute
	KeepFor       = 3 * sayAgainEvery

	// sweepEvery is how often what is due by time alone is looked for.
	sweepEvery = time.Second

	// typingEvery is the least time between two typing events of a member in a room without a
	// message of theirs in between, and typingFor is how long one means anything.
	typingEvery = 3 * time.Second
	typingFor   = 6 * time.Second

	// maxTyping is how many typing members a node remembers; beyond, who types is not
	// shown. Two for each of ten thousand sockets.
	maxTyping = 20_000

	// writeEvery is how often what members have read is written, for all of them together:
	// who scrolls sends a mark with every screen, and only the last one counts.
	writeEvery = time.Second

	// maxMarks is how many members' marks may wait for that: as many as a node has sockets.
	maxMarks = 10_000

	// maxMarksPerWrite bounds one statement, which locks as many seats.
	maxMarksPerWrite = 1000

	// writeTimeout bounds one such statement.
	writeTimeout = 10 * time.Second
)
