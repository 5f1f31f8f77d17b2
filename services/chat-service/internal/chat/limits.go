package chat

import "time"

const (
	// MaxComment is the longest comment in Unicode code points: a screenful.
	MaxComment = 2000

	// MaxKey is the longest idempotency key in code points: a UUID takes 36.
	MaxKey = 64

	// MaxPicture is the largest picture in octets: a photo as telephones make it.
	MaxPicture = 5 << 20

	// maxLooking is how many pictures are looked at in one moment: each is twice in memory.
	maxLooking = 4

	// maxWaiting is how many pictures may wait for that: what four at a time do within
	// lookTimeout, if each takes some 300 ms.
	maxWaiting = 128

	// maxWaitingEach is how many of them may be one member's, so that nobody takes all places,
	// and so how many a transaction takes: all of them have one lookTimeout.
	maxWaitingEach = 8

	// lookTimeout bounds it, the wait for a place included; a person waits for the answer.
	lookTimeout = 10 * time.Second

	// DefaultPage and MaxPage bound a page of history: a screen, and what still fits
	// in about a megabyte.
	DefaultPage = 50
	MaxPage     = 200

	// maxTranscripts is how many members may read a transcript on a node in one moment, one
	// each: a page of the longest messages for all of them is 50 MiB. transcriptRetry is
	// when to come back, and transcriptStep bounds each of the questions to the stores.
	maxTranscripts  = 32
	transcriptRetry = 5 * time.Second
	transcriptStep  = 10 * time.Second

	// standingsWindow is how long a subscription waits for others to be checked with.
	standingsWindow = 5 * time.Millisecond

	// standingsBetween is from one such check to the next in a storm: 10,000 who come back
	// within 10 s are some 400 queries, and nobody waits for so long that it would be noticed.
	standingsBetween = 25 * time.Millisecond

	// enoughStandings is with how many members a check waits for no others: a little more than
	// come to one in that storm.
	enoughStandings = 32

	// standingsTimeout bounds the query, and maxStandings the members in it.
	standingsTimeout = 10 * time.Second
	maxStandings     = 5_000
)
