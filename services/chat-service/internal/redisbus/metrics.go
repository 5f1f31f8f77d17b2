package redisbus

import "github.com/prometheus/client_golang/prometheus"

type counters struct {
	sent, received, dropped, malformed prometheus.Counter
	up                                 prometheus.Gauge
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
	return []prometheus.Collector{c.sent, c.received, c.dropped, c.malformed, c.up}
}
