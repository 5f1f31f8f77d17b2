package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// metrics counts what the queue does. Names begin with match_.
type metrics struct {
	joins   prometheus.Counter
	undone  prometheus.Counter
	givenOn prometheus.Counter
	back    prometheus.Counter
	length  prometheus.Gauge
	latency prometheus.Histogram
}

var _ match.Observer = (*metrics)(nil)

// newMetrics registers everything, with streams counting the open event streams.
func newMetrics(reg prometheus.Registerer, streams func() int) *metrics {
	m := &metrics{
		joins:   prometheus.NewCounter(prometheus.CounterOpts{Name: "match_joins_total", Help: "PUT /match/queue that gave or found a place."}),
		undone:  prometheus.NewCounter(prometheus.CounterOpts{Name: "match_rooms_undone_total", Help: "Sixes that were put back because one had left."}),
		givenOn: prometheus.NewCounter(prometheus.CounterOpts{Name: "match_seats_given_on_total", Help: "Seats nobody entered that got their next holder."}),
		back:    prometheus.NewCounter(prometheus.CounterOpts{Name: "match_seats_taken_total", Help: "Next holders who found the seat taken and wait again."}),
		length:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "match_queue_length", Help: "Waits in the queue, on all nodes, at the last sweep."}),
		latency: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "match_room_commit_seconds", Help: "From six being together to their room being committed; its count is the rooms made.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .5, 2, 5},
		}),
	}
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "match_streams_open", Help: "Event streams open on this node."},
		func() float64 { return float64(streams()) })
	reg.MustRegister(m.joins, m.undone, m.givenOn, m.back, m.length, m.latency, open)
	return m
}

func (m *metrics) Joined()                     { m.joins.Inc() }
func (m *metrics) RoomMade(took time.Duration) { m.latency.Observe(took.Seconds()) }
func (m *metrics) RoomUndone()                 { m.undone.Inc() }
func (m *metrics) SeatGivenOn()                { m.givenOn.Inc() }
func (m *metrics) SeatReturned()               { m.back.Inc() }
func (m *metrics) QueueLength(waits int64)     { m.length.Set(float64(waits)) }
