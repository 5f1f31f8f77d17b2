package app

import (
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// metrics counts what the queue does. Names begin with match_.
type metrics struct {
	ranks ranks

	joins, undone, givenOn, back, noShows prometheus.Counter
	made                                  *prometheus.CounterVec   // by rank
	waited                                *prometheus.HistogramVec // by rank
	waiting                               *prometheus.GaugeVec     // by rank
	length                                prometheus.Gauge
	commit                                prometheus.Histogram
	feedUpto                              atomic.Int64 // Unix ms; 0: never heard
}

var _ match.Observer = (*metrics)(nil)

func newMetrics(r ranks) *metrics {
	count := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	byRank := []string{"rank"}
	m := &metrics{
		ranks:   r,
		joins:   count("match_joins_total", "PUT /match/queue that gave or found a place."),
		undone:  count("match_rooms_undone_total", "Sixes that were put back because one had left."),
		noShows: count("match_no_shows_total", "Seats that were offered anew since nobody entered them in time."),
		givenOn: count("match_seats_given_on_total", "Seats nobody entered that got their next holder."),
		back:    count("match_seats_taken_total", "Next holders who found the seat taken and wait again."),
		made:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "match_rooms_made_total", Help: "Rooms committed, by the popularity of their film."}, byRank),
		length:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "match_queue_length", Help: "Waits in the queue, on all nodes, at this node's last sweep."}),
		waiting: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "match_queue_waiting", Help: "Present members who wait, on all nodes, by the popularity of the film; read every 10 s. Who has second choices counts for each."}, byRank),
		waited: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "match_wait_seconds", Help: "From joining the queue to the commit of a seat, by the popularity of the film.",
			// From a full queue to a rare film's hour, beyond which nobody is there any more.
			Buckets: []float64{.1, .5, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600},
		}, byRank),
		commit: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "match_room_commit_seconds", Help: "From six being together to their room being committed.",
			// One commit, up to a second one by another node (2 s) and the longest try (5 s).
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}),
	}
	for _, rank := range rankNames {
		m.made.WithLabelValues(rank)
		m.waited.WithLabelValues(rank)
		m.waiting.WithLabelValues(rank)
	}
	return m
}

// Collectors are the metrics, to be registered once, with streams counting the open event
// streams and keys saying whether the signing keys cannot be read.
func (m *metrics) Collectors(streams func() int, keys func() float64) []prometheus.Collector {
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	return []prometheus.Collector{
		m.joins, m.undone, m.noShows, m.givenOn, m.back, m.made, m.length, m.waiting, m.waited, m.commit,
		gauge("match_streams_open", "Event streams open on this node.", func() float64 { return float64(streams()) }),
		gauge("match_signing_key_failing", "1 while the secret of SIGNING_KEY cannot be read or used, and the keys of before are; else 0.", keys),
		gauge("match_entry_feed_behind_seconds", fmt.Sprintf("How old the news of who entered a seat is; above %v no seat is given on. +Inf: never heard.", matchapi.FeedLag), m.behind),
	}
}

func (m *metrics) behind() float64 {
	upto := m.feedUpto.Load()
	if upto == 0 {
		return math.Inf(1)
	}
	return max(0, time.Since(time.UnixMilli(upto)).Seconds())
}

// waitingByRank are the gauges that lengths sets.
func (m *metrics) waitingByRank() map[string]prometheus.Gauge {
	gauges := map[string]prometheus.Gauge{}
	for _, rank := range rankNames {
		gauges[rank] = m.waiting.WithLabelValues(rank)
	}
	return gauges
}

func (m *metrics) Joined() { m.joins.Inc() }

func (m *metrics) RoomMade(movieID string, took time.Duration) {
	m.made.WithLabelValues(m.ranks.of(movieID)).Inc()
	m.commit.Observe(took.Seconds())
}

func (m *metrics) Seated(movieID string, waited time.Duration) {
	m.waited.WithLabelValues(m.ranks.of(movieID)).Observe(max(0, waited.Seconds())) // another node's clock may be ahead
}

func (m *metrics) RoomUndone()             { m.undone.Inc() }
func (m *metrics) SeatGivenOn()            { m.givenOn.Inc() }
func (m *metrics) SeatReturned()           { m.back.Inc() }
func (m *metrics) NoShows(seats int)       { m.noShows.Add(float64(seats)) }
func (m *metrics) QueueLength(waits int64) { m.length.Set(float64(waits)) }
func (m *metrics) FeedUpto(at time.Time)   { m.feedUpto.Store(at.UnixMilli()) }
