package redisbus

import "github.com/prometheus/client_golang/prometheus"

type counters struct {
	sent, received, dropped, malformed prometheus.Counter
	up                                 prometheus.Gauge
	lag                                prometheus.Histogram
}

func newCounters() counters {
	count := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	return counters{
		sent:      count("chat_bus_sent_total", "Payloads that Redis took for other nodes."),
		received:  count("chat_bus_received_total", "Payloads of other nodes."),
		dropped:   count("chat_bus_dropped_total", "Payloads that did not reach Redis; messages among them are found in the database."),
		malformed: count("chat_bus_malformed_total", "Envelopes that could not be read."),
		up:        prometheus.NewGauge(prometheus.GaugeOpts{Name: "chat_bus_up", Help: "1 while Redis carries every joined room."}),
		lag: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "chat_bus_lag_seconds", Help: "What the bus takes to come back to this node, measured every 2 s as any message goes: queue, Redis, subscription.",
			// A round trip to Redis, up to the silence after which it counts as away.
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}),
	}
}

func (c counters) setUp(up bool) {
	if up {
		c.up.Set(1)
	} else {
		c.up.Set(0)
	}
}

// Collectors are the bus's metrics, to be registered once.
func (b *Bus) Collectors() []prometheus.Collector {
	c := b.counted
	return []prometheus.Collector{c.sent, c.received, c.dropped, c.malformed, c.up, c.lag}
}
