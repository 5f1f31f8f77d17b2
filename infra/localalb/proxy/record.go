package proxy

import (
	"time"

	"github.com/sixseat/sixseat/infra/localalb/rules"
)

// record is what the access log and the metrics say about one request. It is filled
// on the request's way and belongs to its goroutine.
type record struct {
	begun time.Time // when its header had come

	method, proto, userAgent string
	view                     view
	upgraded                 bool // a WebSocket: its connection is no longer net/http's

	rule     *rules.Rule // nil: it was turned away before any rule
	group    *group      // nil: it was not forwarded
	target   *target     // nil: no target was there
	asked    time.Time   // when it went to the target; zero: never
	answered time.Time   // when the target's answer began; zero: never
	passed   time.Time   // when an answer began to leave for the client; zero: never

	trace     string // X-Amzn-Trace-Id as the target got it
	transform string // how the transforms of its rule ended; "": there are none
	redirect  string // Location
	reason    string // why a transform failed

	status       int // what the client got
	targetStatus int // what the target said; 0: nothing
}

// ownAnswer tells whether the load balancer made the answer itself.
func (r *record) ownAnswer() bool { return r.targetStatus == 0 || r.status != r.targetStatus }
