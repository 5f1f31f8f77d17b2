package hub

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// counters count once per message or page, whoever listens: what a delivery costs is the
// price of the whole service.
type counters struct {
	live, replayed        prometheus.Counter // deliveries
	delay                 prometheus.Histogram
	replays, healed, lost prometheus.Counter
	deliveries            *prometheus.CounterVec
}

func newCounters() counters {
	count := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	c := counters{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chat_deliveries_total", Help: "Messages handed to subscriptions, as they came (live) or later (replay)."}, []string{"by"}),
		delay: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "chat_delivery_seconds", Help: "From a SEND, on any node, to its message being handed to this node's subscriptions; once per message, by both nodes' clocks.",
			// From a commit alone (a millisecond) over the bus and a healed gap (tens) to the
			// tail check (0.5 and 5 s).
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
		replays: count("chat_replays_total", "Subscriptions that began behind the head and caught up."),
		healed:  count("chat_gaps_healed_total", "Reads of the database that filled a gap the bus had left."),
		lost:    count("chat_rooms_lost_total", "Rooms given up since the database has less of them than was shown."),
	}
	c.live, c.replayed = c.deliveries.WithLabelValues("live"), c.deliveries.WithLabelValues("replay")
	return c
}

// delivered counts a message that was handed to so many at once.
func (c *counters) delivered(d *Delivery, listeners int) {
	if listeners > 0 {
		c.live.Add(float64(listeners))
		c.delay.Observe(max(0, time.Since(d.CreatedAt.Time).Seconds())) // another node's clock may be ahead
	}
}

// Collectors are the hub's metrics, to be registered once.
func (h *Hub) Collectors() []prometheus.Collector {
	c := h.counted
	rooms := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "chat_rooms", Help: "Rooms with listeners on this node."},
		func() float64 { return float64(h.Rooms()) })
	return []prometheus.Collector{rooms, c.deliveries, c.delay, c.replays, c.healed, c.lost}
}
