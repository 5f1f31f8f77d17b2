package archive

import "github.com/prometheus/client_golang/prometheus"

// Counters count for both ways.
type Counters struct {
	segments, reads *prometheus.CounterVec
	messages        prometheus.Counter
	stored, failed  prometheus.Counter // segments
	cached, fetched prometheus.Counter // reads
	unread, damaged prometheus.Counter // reads
}

// NewCounters makes them.
func NewCounters() *Counters {
	c := &Counters{
		segments: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chat_archive_segments_total", Help: "Segments that took the place of their messages (stored), and rooms that could not be archived (failed) and are tried again."}, []string{"outcome"}),
		reads:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chat_archive_reads_total", Help: "Segments that somebody needed: found in memory (cached), read from the bucket (fetched), not read for now (failed), or not there or not what was written (damaged)."}, []string{"outcome"}),
		messages: prometheus.NewCounter(prometheus.CounterOpts{Name: "chat_archive_messages_total", Help: "Messages that went from the database into the archive."}),
	}
	c.stored, c.failed = c.segments.WithLabelValues("stored"), c.segments.WithLabelValues("failed")
	c.cached, c.fetched = c.reads.WithLabelValues("cached"), c.reads.WithLabelValues("fetched")
	c.unread, c.damaged = c.reads.WithLabelValues("failed"), c.reads.WithLabelValues("damaged")
	return c
}

// Collectors are the archive's metrics, to be registered once.
func (c *Counters) Collectors() []prometheus.Collector {
	return []prometheus.Collector{c.segments, c.reads, c.messages}
}
