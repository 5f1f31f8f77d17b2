package orphans

import "github.com/prometheus/client_golang/prometheus"

// counters count what became of pictures that were looked at.
type counters struct {
	orphans                *prometheus.CounterVec
	removed, shown, failed prometheus.Counter
}

func newCounters() *counters {
	c := &counters{orphans: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "chat_orphans_total", Help: "Pictures whose SEND did not end well, by what became of them after an hour: removed, once more an hour later; shown, a message has it; failed, tried again an hour later.",
	}, []string{"outcome"})}
	c.removed, c.shown, c.failed = c.orphans.WithLabelValues("removed"), c.orphans.WithLabelValues("shown"), c.orphans.WithLabelValues("failed")
	return c
}

// Collectors are the metrics, to be registered once.
func (s *Sweeper) Collectors() []prometheus.Collector {
	return []prometheus.Collector{s.counted.orphans}
}
