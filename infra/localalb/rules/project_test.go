package rules

import (
	"testing"
	"time"
)

// TestProject_timesAgree holds the inequalities between the load balancer's
// times and those of the services where there is no terraform, which checks them
// all: the numbers are those of infra/terraform/timeouts.tf.
func TestProject_timesAgree(t *testing.T) {
	const (
		drainPoll    = 5 * time.Second  // how often a node asks whether it is draining
		drainNotice  = 12 * time.Second // how long it goes on
		drainWindow  = 60 * time.Second // over which it closes its sockets
		drainSpare   = 15 * time.Second
		eventComment = 10 * time.Second // a comment line in each event stream
		stompBeat    = 10 * time.Second // a STOMP heart-beat in each direction
	)
	cfg, err := LoadDir("../../terraform")
	if err != nil {
		t.Fatal(err)
	}
	l := cfg.Listeners["aws_lb_listener.https"]
	if l == nil {
		t.Fatal("no listener aws_lb_listener.https")
	}
	for what, pause := range map[string]time.Duration{"event stream comment": eventComment, "STOMP heart-beat": stompBeat} {
		if idle := l.LoadBalancer.IdleTimeout; 2*pause >= idle {
			t.Errorf("%s every %v is not below half the idle timeout of %v", what, pause, idle)
		}
	}
	for _, g := range l.Groups() {
		if need := drainPoll + drainNotice + drainWindow + drainSpare; g.DeregistrationDelay < need {
			t.Errorf("%s: deregistration delay %v, want at least %v", g.Address, g.DeregistrationDelay, need)
		}
	}
	if len(l.Groups()) != 2 {
		t.Errorf("%d target groups are reached, want chat and match", len(l.Groups()))
	}
}
