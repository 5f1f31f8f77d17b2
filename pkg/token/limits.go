package token

import "time"

const (
	// MemberLife is how long a member token is good: a day, so that a film night
	// never needs a refresh in the middle.
	MemberLife = 24 * time.Hour

	// RenewGrace is how long after its end a member token can still be exchanged
	// for a fresh one: people come back after a holiday and are still themselves.
	RenewGrace = 30 * 24 * time.Hour

	// TicketLife is how long a room ticket is good. It covers the walk from match to
	// chat with time to spare; a later visitor gets a fresh one from GET /match/rooms.
	TicketLife = 15 * time.Minute

	// maxTokenBytes is the longest token looked at. A ticket with six nicknames of
	// 20 characters at 4 bytes is below 3 KiB; the rest would be somebody's attack.
	maxTokenBytes = 6 << 10

	// PublishedFirst is how long a new key is published before it signs: two of RefreshEvery,
	// so that one that fails does not matter.
	PublishedFirst = 10 * time.Minute

	// rememberFor is how long a verified token is not verified again: no longer than the
	// keys themselves go without a refresh, so that a withdrawn key ends what it signed.
	rememberFor = RefreshEvery

	// maxSeen is how many verified tokens are remembered at least, some 250 octets each. It
	// is up to twice as many: what is older than that many others is dropped with its like.
	maxSeen = 32_000

	// RefreshEvery is the pace of the background refresh of remote keys. A new key is
	// published 10 minutes before it signs, so every node knows it in time.
	RefreshEvery = 5 * time.Minute

	// refreshAtMost is the least time between two fetches that unknown key ids ask
	// for, so that forged tokens cannot make this node hammer the publisher.
	refreshAtMost = 30 * time.Second

	// retryAfterFailure replaces refreshAtMost after a fetch that failed.
	retryAfterFailure = time.Second

	// fetchTimeout bounds one fetch of the key set; whoever waits for a key waits no longer.
	fetchTimeout = 3 * time.Second

	// maxKeySetBytes bounds the key set's body; a key takes about 120 bytes.
	maxKeySetBytes = 64 << 10

	// maxUnknown is how many unknown key ids are remembered; beyond, the memory is
	// dropped and starts anew.
	maxUnknown = 1024
)
