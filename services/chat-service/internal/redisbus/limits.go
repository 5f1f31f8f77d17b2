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

	// linger is how long the first of a pipeline waits for others, unless a Flush says that
	// they are there: awaited one by one a PUBLISH costs Redis six times as much.
	linger = time.Millisecond

	// pace is the least time between two pipelines of messages. A busy node's commits are 2.5 ms
	// apart, and what they bring waits 3 ms on the average. Each pipeline wakes all nodes that
	// listen, and the one that sent it twice: 0.2 ms of CPU of each.
	pace = 6 * time.Millisecond

	// enough is how many are sent without a Flush: the first of a large commit need not wait
	// until the last was shown here, which takes this node some 25 µs each.
	enough = 50

	// maxEnvelope is where the next PUBLISH for the same room begins; one longer item
	// goes alone.
	maxEnvelope = 64 << 10
)
