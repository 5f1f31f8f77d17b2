package redisbus

import "time"

const (
	// reconnectEvery is the pause between tries to reach Redis: as often as the hub asks
	// the database meanwhile.
	reconnectEvery = 500 * time.Millisecond

	// pingEvery and maxSilence notice a Redis that is there and does not answer: two
	// PINGs may be lost or late.
	pingEvery  = 2 * time.Second
	maxSilence = 5 * time.Second

	// answerTimeout bounds each wait for Redis, which answers within a millisecond: a
	// member who subscribes goes on by the tail check, a pipeline is given up, and a
	// stopping node ends in time.
	answerTimeout = 2 * time.Second

	// maxPerCommand is how many rooms one SUBSCRIBE names: 64 KiB of command.
	maxPerCommand = 1_000

	// maxQueued and maxQueuedBytes bound what waits to be sent: two seconds of the
	// highest load we aim at, in which Redis may pause for a snapshot.
	maxQueued      = 10_000
	maxQueuedBytes = 16 << 20

	// linger is how long the first of a pipeline waits for others: awaited one by one
	// a PUBLISH costs Redis six times as much. What one commit stored is sent in less than that.
	linger = time.Millisecond

	// lingerAlone is the same while Redis says that nobody else heard what was sent last: the
	// first that somebody hears comes so much later, and a node that is alone has a fifth of
	// the pipelines.
	lingerAlone = 5 * time.Millisecond

	// maxEnvelope is where the next PUBLISH for the same room begins; one longer item
	// goes alone.
	maxEnvelope = 64 << 10
)
