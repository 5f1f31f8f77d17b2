package gateway

import "time"

const (
	// connectWithin is how long a socket may take to send CONNECT (contract).
	connectWithin = 10 * time.Second

	// heartBeat is what we offer and ask for: well below the load balancer's idle
	// timeout of 60 s.
	heartBeat = 10 * time.Second

	// A heart-beat is sent after beatAfter/10 of its period, so that it is there in
	// time; a peer is given up after silentAfter/10 of its own. The STOMP facts say
	// 0.5-0.8 and 2.5-3; with a sweep each second ours stay inside.
	beatAfter   = 6
	silentAfter = 29

	// pingEvery and pingTimeout are for peers without heart-beats.
	pingEvery   = 25 * time.Second
	pingTimeout = 75 * time.Second

	// sweepEvery is how often each session is looked at for what is due: a deadline is
	// never early and at most this late, a token's end too. A sweep goes through them in
	// sweepParts parts, one after the other: all ten thousand at once would keep messages waiting for 15 ms.
	sweepEvery = time.Second
	sweepParts = 20

	// tokenGrace is how long a session goes on after its token's end (contract).
	tokenGrace = 30 * time.Second

	// placeLease is how long a session counts for its member without a sign of life of
	// its node, as long as the dead are shown as present (contract: 15 s); after half of it
	// the session yields to a new one. renewEvery gives it three tries; maxRenewals is what one question renews, some milliseconds of
	// Redis.
	placeLease  = 15 * time.Second
	renewEvery  = 5 * time.Second
	maxRenewals = 500

	// beatMargin is how much later than its period a heart-beat may come before its
	// session yields to a new one: a second for the network and a throttled tab's timers.
	beatMargin = time.Second

	// retryFull is when somebody refused by a full node may come again: by then the load
	// balancer may have found another. retryAccept is for those who only came too many at
	// once.
	retryFull   = 10 * time.Second
	retryAccept = 2 * time.Second

	// frameBurst is how many seconds' worth of frames may come at once: a client that
	// reconnects subscribes to all its rooms, and a transaction has a hundred sends.
	frameBurst = 3

	// maxOutbox is how many octets may wait for one socket, behind those that the kernel
	// holds: some 70 messages. A reader that falls behind further is told to come back with
	// its last seq.
	maxOutbox = 44 << 10

	// maxOffered is beyond what nothing that may be missed is queued: events go first, and
	// the rest is for messages.
	maxOffered = maxOutbox / 4

	// lowOutbox is below what a replay goes on.
	lowOutbox = 16 << 10

	// writeTimeout is how long one WebSocket message may take to leave; a socket that
	// takes nothing for so long is dead, and cut: a Close frame cannot stand within a message.
	writeTimeout = 10 * time.Second

	// goodbyeTimeout bounds an orderly close: ERROR, Close, and reading until the
	// peer's Close, lest unread input makes TCP destroy the ERROR.
	goodbyeTimeout = 3 * time.Second

	// readSize is what one read of a socket takes at once: a usual SEND several times over.
	readSize = 4 << 10

	// maxReaders is how many goroutines stay for reading: as many as wait for a store at a time
	// when some thousand connect in a second. Grown stacks are half a megabyte of theirs.
	maxReaders = 64

	// maxInFlight is how many SENDs of one session may wait for their commit; beyond,
	// the session reads no further until one is done.
	maxInFlight = 64

	// maxSubscriptions is the most of one session: far beyond any person's rooms.
	maxSubscriptions = 256

	// maxTransactions and maxTransactionSends are the contract's.
	maxTransactions     = 16
	maxTransactionSends = 100

	// maxTransactionBytes is what all open transactions of a session may hold together,
	// headers included: a hundred of the longest messages, 24 KiB each as escaped JSON.
	maxTransactionBytes = 3 << 20

	// insideFor is how long a session relies on being inside a room where nothing checks it
	// again: one who left can seem to type for so long.
	insideFor = 30 * time.Second

	// maxKnownRooms is how many rooms a session remembers to be inside of; beyond, it
	// asks the store again.
	maxKnownRooms = 256

	// settleTimeout is how long an ERROR waits for the receipts of what was begun before it:
	// as long as the store may take to answer.
	settleTimeout = storeTimeout

	// storeTimeout bounds a question to the store on the session's behalf.
	storeTimeout = 10 * time.Second
)
