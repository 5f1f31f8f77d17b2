package proxy

import "time"

// Sizes of what a client may send; user guide, load-balancer-limits ("HTTP
// headers"). Reaching one is answered by the load balancer, not by the target.
const (
	maxRequestLine    = 16 << 10 // bytes; beyond: 414
	maxHeaderLine     = 16 << 10 // bytes, name and value; beyond: 400
	maxRequestHeaders = 64 << 10 // bytes, all of them; beyond: 400
	maxForwardedFor   = 30       // addresses in X-Forwarded-For; beyond: 463
)

// maxServerHeaders is what net/http reads before it answers 431 by itself, which client
// translates. Twice what ALB takes, so that the 400 and 414 above are nearly always ours
// to send, and the log has the request.
const maxServerHeaders = 2 * (maxRequestLine + maxRequestHeaders)

// maxResponseHeaders bounds what a target may send; beyond: 502. User guide,
// load-balancer-limits.
const maxResponseHeaders = 32 << 10

// maxTraceHeaders is the size of all request headers from which on ALB starts
// X-Amzn-Trace-Id anew instead of adding to it. User guide,
// load-balancer-request-tracing.
const maxTraceHeaders = 7 << 10

// connectTimeout is how long a target may take to accept a connection;
// beyond: 504. User guide, load-balancer-troubleshooting.
const connectTimeout = 10 * time.Second

// minShare is what a target in slow start gets at least, in parts of a full share:
// without it a group of nothing but new targets could not choose.
const minShare = 0.001

// cookieLifetime is how long a browser keeps a stickiness cookie; what it says ends
// with the stickiness duration. User guide, sticky-sessions.
const cookieLifetime = 7 * 24 * time.Hour

// copyBuffer is the memory for streaming one response body. httputil's own
// default; buffers are pooled.
const copyBuffer = 32 << 10

// socketBuffer is the memory for one direction of a WebSocket, held as long as it is
// open: some chat frames at once, and an eighth of what io.Copy takes.
const socketBuffer = 4 << 10

// maxIdlePerTarget bounds the connections kept for the next request to one
// target. ALB's number is not published; 256 spares a laptop the handshakes.
const maxIdlePerTarget = 256

// How often a name is looked up, and how long that may take. Docker's DNS gives
// one address per replica; a second is soon enough for a person who scales by
// hand, and the lookup must be over before the next.
const (
	discoverInterval = time.Second
	discoverTimeout  = 900 * time.Millisecond
)

// emptyAnswers is how often in a row a name must have no address before its last
// targets are let go: seconds in which a name server restarts.
const emptyAnswers = 3

// maxAdminBody bounds a call to the admin listener: two names and an address.
const maxAdminBody = 4 << 10
