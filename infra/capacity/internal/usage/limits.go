package usage

import "time"

const (
	// scrapeTimeout bounds one look at /metrics, so that a second's sample is that second's.
	scrapeTimeout = 900 * time.Millisecond

	// maxMetrics is the longest /metrics read; a service of ours shows some 40 KiB.
	maxMetrics = 4 << 20

	// tick is the unit of CPU time in /proc: USER_HZ is 100 on every Linux that Go runs on.
	tick = 10 * time.Millisecond
)
