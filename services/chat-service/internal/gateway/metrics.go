package gateway

import (
	"errors"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Why an upgrade is refused.
const (
	fullMemory      = "memory"
	fullConnections = "connections"
	fullAccepts     = "accepts"
)

// Ends of a socket without a close code of ours. A peer's own code is the peer's to
// choose, and no label.
const (
	endedByPeer = "peer"
	endedLost   = "lost"
)

type counters struct {
	refused, upgrades, closed *prometheus.CounterVec
	byKind                    map[fault.Kind]prometheus.Counter // of refused
	byCode                    map[int]prometheus.Counter        // of closed
	peer, lost                prometheus.Counter                // of closed
}

func newCounters() counters {
	vector := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
	}
	c := counters{
		refused:  vector("chat_refusals_total", "STOMP frames refused, by kind of problem (`pkg/fault`); some end their session.", "kind"),
		upgrades: vector("chat_sockets_refused_total", "Sockets refused before the upgrade since the node is short of memory, has all its connections, or too many come in this second.", "reason"),
		closed:   vector("chat_closes_total", "Sockets that ended: by our close code, by a Close of the peer, or lost without a word.", "code"),
		byKind:   map[fault.Kind]prometheus.Counter{}, byCode: map[int]prometheus.Counter{},
	}
	for _, k := range fault.Kinds() {
		c.byKind[k] = c.refused.WithLabelValues(k.String())
	}
	c.byCode[normalClosure] = c.closed.WithLabelValues("1000")
	for _, code := range fault.CloseCodes {
		c.byCode[code.Code] = c.closed.WithLabelValues(strconv.Itoa(code.Code))
	}
	c.peer, c.lost = c.closed.WithLabelValues(endedByPeer), c.closed.WithLabelValues(endedLost)
	for _, why := range []string{fullMemory, fullConnections, fullAccepts} {
		c.upgrades.WithLabelValues(why)
	}
	return c
}

// ended counts a socket that was said goodbye with code, 0 for none, or whose last read
// ended with err.
func (c *counters) ended(code int, err error) {
	switch {
	case code != 0:
		c.byCode[code].Inc()
	case errors.Is(err, errPeerClosed):
		c.peer.Inc()
	default:
		c.lost.Inc()
	}
}

// Collectors are the gateway's metrics, to be registered once.
func (g *Gateway) Collectors() []prometheus.Collector {
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "chat_sockets", Help: "Open WebSockets."},
		func() float64 { return float64(g.Sessions()) })
	memory := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "chat_memory_used_bytes", Help: "Memory as `LIMIT_MEMORY` counts it: what the last garbage collection left, and stacks."},
		func() float64 { return float64(usedMemory()) })
	return []prometheus.Collector{open, memory, g.counted.refused, g.counted.upgrades, g.counted.closed}
}
