package tracing

import "time"

const (
	// maxQueued is how many spans wait for a collector; more are lost. At a kilobyte each
	// they are 2 MiB, and some seconds of a busy node that traces one request in ten.
	maxQueued = 2048

	// maxBatch and exportEvery make a batch: half a megabyte, or what came in some seconds.
	maxBatch    = 512
	exportEvery = 5 * time.Second

	// exportTimeout bounds sending one. While a collector hangs, nobody but the sender waits.
	exportTimeout = 5 * time.Second

	// flushTimeout bounds the last sending of a process that stops: an orchestrator that
	// waits for its end must not wait for a collector.
	flushTimeout = 3 * time.Second
)
