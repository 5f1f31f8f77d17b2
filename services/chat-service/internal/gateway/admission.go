package gateway

import (
	"golang.org/x/time/rate"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Limits are how much a node takes on; 0 switches one off.
type Limits struct {
	Sessions    int     // of one member, on all nodes
	Places      Places  // counts them; nil only where Sessions is 0
	Connections int     // on this node
	Accepts     int     // new connections per second, a second's worth at once
	Frames      int     // per second and connection, some seconds' worth at once
	Memory      *Memory // above its watermark nobody is taken; nil: no limit
}

// admit takes one connection more, or refuses it before the upgrade, while an answer
// costs little: 503 with Retry-After. The caller calls leave when it is over.
func (g *Gateway) admit() error {
	if g.limits.Memory.scarce() {
		return g.refuse(fullMemory, fault.New(fault.Unavailable, "This node is short of memory.").WithRetry(retryFull))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.limits.Connections > 0 && g.taken >= g.limits.Connections {
		return g.refuse(fullConnections, fault.New(fault.Unavailable, "This node has all the connections that it takes.").WithRetry(retryFull))
	}
	if g.accepts != nil && !g.accepts.AllowN(g.now(), 1) {
		return g.refuse(fullAccepts, fault.New(fault.Unavailable, "Too many connect to this node at once.").WithRetry(retryAccept))
	}
	g.taken++
	return nil
}

func (g *Gateway) refuse(reason string, err error) error {
	g.counted.upgrades.WithLabelValues(reason).Inc()
	return err
}

func (g *Gateway) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken--
}

// perSecond allows n a second and burst at once; nil for n 0, which allows all.
func perSecond(n, burst int) *rate.Limiter {
	if n == 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(n), burst)
}
