package service

import "time"

const (
	// readHeaderTimeout is how long a client may take to send a request's headers: a
	// phone on a bad line needs seconds, a slowloris wants minutes.
	readHeaderTimeout = 10 * time.Second

	// idleTimeout is how long an unused keep-alive connection stays. It must be longer
	// than the load balancer's idle timeout (60 s), else the balancer reuses a
	// connection that we are just closing and its client gets a 502 (ALB user guide,
	// load-balancer-troubleshooting).
	idleTimeout = 75 * time.Second

	// heapFloor is memory that is never touched, so it costs none: the garbage collector
	// runs when the heap has doubled, and without this floor that is every few megabytes of
	// requests, for a tenth of the processor time. It counts as heap, and lets as much
	// garbage stand.
	heapFloor = 32 << 20

	// maxHeaderBytes bounds the request headers. The load balancer takes up to 64 KiB;
	// none of our clients sends a tenth of that.
	maxHeaderBytes = 64 << 10

	// maxRequestIDBytes is the longest request id taken over from a caller.
	maxRequestIDBytes = 256

	// RequestTimeout bounds a request's questions to the stores: a connection that hangs
	// must not hold one of the pool's few places for longer than a person waits.
	RequestTimeout = 10 * time.Second

	// closeGrace is how long requests in flight may take to end once all streams and
	// sockets are closed.
	closeGrace = 5 * time.Second

	// noticeEvery is how often the load balancer is asked whether it drains this node: the
	// deregistration delay has 5 s for it. noticeTimeout bounds one question.
	noticeEvery   = 5 * time.Second
	noticeTimeout = 2 * time.Second

	// noticeWarnEvery is how often it is said that it does not answer: who looks at an hour
	// of a log sees it.
	noticeWarnEvery = 10 * time.Minute

	// readyTimeout bounds the store checks of /readyz.
	readyTimeout = 2 * time.Second

	// healthTimeout bounds the health verb's own request.
	healthTimeout = 2 * time.Second
)
