package usage

import "time"

const (
	// maxMetrics is the longest /metrics read; a service of ours shows some 40 KiB.
	maxMetrics = 4 << 20

	// storeTimeout bounds one question to PostgreSQL or Redis: they answer within
	// milliseconds, and a measurement without the answer is worth nothing.
	storeTimeout = 5 * time.Second

	// tick is the unit of CPU time in /proc: USER_HZ is 100 on every Linux that Go runs on.
	tick = 10 * time.Millisecond
)
