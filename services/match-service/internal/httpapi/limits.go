package httpapi

import (
	"time"

	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

const (
	// maxBody bounds request bodies; the longest honest one, five film ids, has 400 bytes.
	maxBody = 4 << 10

	// streamLife is how long an event stream lives, give or take a fifth: long enough to
	// be cheap, short enough that members spread over new nodes, and uneven so that those
	// who came together do not come back together.
	streamLife = 120 * time.Second

	// commentEvery keeps proxies from taking a stream for dead; the contract promises 15 s.
	commentEvery = 10 * time.Second

	// readTimeout bounds a stream's own read: while the stores hang, comments must still
	// be written in time.
	readTimeout = 4 * time.Second

	// streamLease is how long a stream counts without a sign of life: three of its reads.
	streamLease = 3 * match.ReadEvery

	// writeTimeout is how long one event may take to be written: a phone that reads
	// nothing for so long is gone.
	writeTimeout = 10 * time.Second

	// farewellTimeout bounds the last touch of a stream that has ended.
	farewellTimeout = 2 * time.Second

	// keysMaxAge is how long caches may keep the public keys. A new key is published
	// 10 minutes before it signs.
	keysMaxAge = "public, max-age=300"
)
