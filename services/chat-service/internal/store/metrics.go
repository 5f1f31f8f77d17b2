package store

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// counters count once per batch.
type counters struct {
	posts                     *prometheus.CounterVec
	stored, repeated, refused prometheus.Counter // posts
	size, seconds             prometheus.Histogram
	failures                  prometheus.Counter
}

func newCounters() counters {
	c := counters{
		posts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chat_posts_total", Help: "Posts by what became of them: stored; repeated, known by their key; refused."}, []string{"outcome"}),
		size: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "chat_commit_posts", Help: "Posts in one commit.",
			Buckets: []float64{1, 2, 5, 10, 20, 50, 100, 200, maxBatch},
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "chat_commit_seconds", Help: "One commit, from its first statement to the answer; failed ones are not in it.",
			// One fsync on a quiet disk, up to the longest try.
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: "chat_commit_failures_total", Help: "Commits that failed; what may still be stored is tried again."}),
	}
	c.stored, c.repeated, c.refused = c.posts.WithLabelValues("stored"), c.posts.WithLabelValues("repeated"), c.posts.WithLabelValues("refused")
	return c
}

// tried counts one try to commit.
func (c *counters) tried(posts int, took time.Duration, err error) {
	if err != nil {
		c.failures.Inc()
		return
	}
	c.size.Observe(float64(posts))
	c.seconds.Observe(took.Seconds())
}

// answered counts what became of a batch.
func (c *counters) answered(results []chat.Stored) {
	repeated, refused := 0, 0
	for _, r := range results {
		switch {
		case r.Seq == 0:
			refused++
		case r.Known:
			repeated++
		}
	}
	c.stored.Add(float64(len(results) - repeated - refused))
	c.repeated.Add(float64(repeated))
	c.refused.Add(float64(refused))
}

// Collectors are the journal's metrics, to be registered once.
func (j *Journal) Collectors() []prometheus.Collector {
	c := j.counted
	waiting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "chat_posts_waiting", Help: fmt.Sprintf("Posts that wait for their commit; above %d they are refused.", maxQueued)},
		func() float64 { return float64(j.posts.Load()) })
	return []prometheus.Collector{c.posts, c.size, c.seconds, c.failures, waiting}
}

// Collectors are the connections to the database, to be registered once.
func (s *Store) Collectors() ([]prometheus.Collector, error) {
	db, err := s.db.DB()
	if err != nil {
		return nil, fmt.Errorf("database metrics: %w", err)
	}
	list := []prometheus.Collector{collectors.NewDBStatsCollector(db, "main")}
	if s.commits != nil {
		list = append(list, collectors.NewDBStatsCollector(s.commits, "journal"))
	}
	return list, nil
}
