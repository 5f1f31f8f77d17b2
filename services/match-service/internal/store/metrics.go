package store

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// counters count once per transaction of a group, by what it commits: waits or rooms.
type counters struct {
	items, seconds *prometheus.HistogramVec
	failures       *prometheus.CounterVec
}

func newCounters() counters {
	what := []string{"what"}
	return counters{
		items: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "match_commit_items", Help: "Waits or rooms in one commit.",
			Buckets: []float64{1, 2, 5, 10, 20, 50, 100, maxGroup},
		}, what),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "match_commit_seconds", Help: "One commit of waits or rooms, from its first statement to the answer; failed ones are not in it.",
			// One fsync on a quiet disk, up to all that a group may take.
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, what),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "match_commit_failures_total", Help: "Commits of waits or rooms that failed; most are tried again."}, what),
	}
}

// groupCounters are those of one group.
type groupCounters struct {
	items, seconds prometheus.Observer
	failures       prometheus.Counter
}

func (c counters) of(what string) groupCounters {
	return groupCounters{c.items.WithLabelValues(what), c.seconds.WithLabelValues(what), c.failures.WithLabelValues(what)}
}

// tried counts one try to commit.
func (c groupCounters) tried(items int, took time.Duration, err error) {
	if err != nil {
		c.failures.Inc()
		return
	}
	c.items.Observe(float64(items))
	c.seconds.Observe(took.Seconds())
}

// Collectors are the store's metrics, to be registered once.
func (s *Store) Collectors() ([]prometheus.Collector, error) {
	db, err := s.db.DB()
	if err != nil {
		return nil, fmt.Errorf("database metrics: %w", err)
	}
	return []prometheus.Collector{s.counted.items, s.counted.seconds, s.counted.failures, collectors.NewDBStatsCollector(db, "main")}, nil
}
