package redisqueue

import (
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/fault"
)

// awayPrefixes are answers of a Redis that is there but cannot serve now: still loading,
// a replica after a fail-over, no quorum, out of memory.
var awayPrefixes = []string{"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", "OOM", "BUSY", "UNBLOCKED", "MISCONF",
	"MOVED", "ASK", "ERR max number of clients reached"}

// translate turns a client error into what the rest of the service understands: a Redis
// that is away is Unavailable, one that refuses a script is a bug of ours.
func translate(err error) error {
	var answered redis.Error
	if err == nil || (errors.As(err, &answered) && !away(answered.Error())) {
		return err
	}
	return fault.New(fault.Unavailable, "The queue cannot be reached right now.").WithRetry(time.Second).Wrap(err)
}

func away(answer string) bool {
	for _, p := range awayPrefixes {
		if strings.HasPrefix(answer, p) {
			return true
		}
	}
	return false
}
