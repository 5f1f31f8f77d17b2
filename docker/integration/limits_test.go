//go:build e2e

package integration

import "time"

const (
	// ceiling is how long a test waits for what must come; it is only waited for in full when
	// something is broken. Longer than a drain with its deregistration delay.
	ceiling = 2 * time.Minute

	// awaitEvery is how often a test looks.
	awaitEvery = 100 * time.Millisecond

	// The load balancer's times for the test: shorter than those of the stack, and as the
	// stack's they leave room for hearing of it, the notice and the window. Health is the
	// stack's own: every 5 s, twice.
	deregistrationDelay = 30 * time.Second
	drainWindow         = 8 * time.Second

	// Who chats: 20 rooms, everybody once a second.
	chatRooms = 20
	pace      = time.Second

	// waitingFilms is for how many films five members wait meanwhile.
	waitingFilms = 8

	// serviceRestart is the close code of a node that stops.
	serviceRestart = 1012

	// calm is how long members chat before and after what goes wrong.
	calm = 3 * time.Second

	// outage is how long a store hangs, or a node is cut off from it.
	outage = 10 * time.Second

	// dead is how long a killed node stays away: members must get on without it.
	dead = 5 * time.Second

	// How a patient client asks again: a browser's page does the same.
	retryPause = 500 * time.Millisecond

	// dockerTimeout bounds one docker or compose command; the longest is a stop.
	dockerTimeout = 3 * time.Minute

	// requestTimeout bounds one request of a client.
	requestTimeout = 15 * time.Second
)
