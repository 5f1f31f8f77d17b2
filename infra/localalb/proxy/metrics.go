package proxy

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics are what CloudWatch shows of an ALB (user guide,
// load-balancer-cloudwatch-metrics), under names of their own.
type metrics struct {
	registry *prometheus.Registry

	connections prometheus.Counter // NewConnectionCount
	open        prometheus.Gauge   // ActiveConnectionCount, client's side
	received    prometheus.Counter // ProcessedBytes
	sent        prometheus.Counter
	own         *prometheus.CounterVec // HTTPCode_ELB_*
	targets     *prometheus.CounterVec // HTTPCode_Target_*
	failures    *prometheus.CounterVec // TargetConnectionErrorCount
	latency     *prometheus.HistogramVec
}

func newMetrics(b *Balancer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "localalb_" + name, Help: help})
	}
	vector := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "localalb_" + name, Help: help}, labels)
	}
	m := &metrics{
		registry:    prometheus.NewRegistry(),
		connections: counter("client_connections_total", "Connections accepted from clients."),
		open:        prometheus.NewGauge(prometheus.GaugeOpts{Name: "localalb_client_connections_open", Help: "Connections of clients that are open, WebSockets included."}),
		received:    counter("received_bytes_total", "Bytes of requests, headers included, and of WebSockets, from clients."),
		sent:        counter("sent_bytes_total", "Bytes of answers, headers included, and of WebSockets, to clients."),
		own:         vector("own_responses_total", "Answers the load balancer made itself, by status.", "status"),
		targets:     vector("target_responses_total", "Answers of targets by class of status.", "target_group", "class"),
		failures:    vector("target_failures_total", "Requests given to a target that got no answer from it.", "target_group"),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "localalb_target_response_seconds", Help: "From giving a request to a target to the beginning of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30},
		}, []string{"target_group"}),
	}
	m.registry.MustRegister(m.connections, m.open, m.received, m.sent, m.own, m.targets, m.failures, m.latency, targetStates{b},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) observe(r *record, received, sent int64) {
	m.received.Add(float64(received))
	m.sent.Add(float64(sent))
	if r.ownAnswer() {
		m.own.WithLabelValues(strconv.Itoa(r.status)).Inc()
	}
	if r.target == nil {
		return
	}
	group := r.group.spec.Address
	if r.targetStatus == 0 {
		m.failures.WithLabelValues(group).Inc()
		return
	}
	m.targets.WithLabelValues(group, classes[r.targetStatus/100%len(classes)]).Inc()
	m.latency.WithLabelValues(group).Observe(r.answered.Sub(r.asked).Seconds())
}

// classes are the names of statuses by their first digit; net/http reads no others.
var classes = [...]string{"0xx", "1xx", "2xx", "3xx", "4xx", "5xx", "6xx", "7xx", "8xx", "9xx"}

// targetStates counts the targets when it is asked: HealthyHostCount and
// UnHealthyHostCount.
type targetStates struct{ b *Balancer }

var (
	targetsDesc = prometheus.NewDesc("localalb_targets", "Targets by state, in the words of DescribeTargetHealth.", []string{"target_group", "state"}, nil)
	openDesc    = prometheus.NewDesc("localalb_target_open", "Requests, event streams and WebSockets the targets are serving.", []string{"target_group"}, nil)
)

// Describe is part of prometheus.Collector.
func (targetStates) Describe(out chan<- *prometheus.Desc) {
	out <- targetsDesc
	out <- openDesc
}

// Collect is part of prometheus.Collector.
func (s targetStates) Collect(out chan<- prometheus.Metric) {
	for _, g := range s.b.Status() {
		counts := map[string]int{string(stateHealthy): 0, string(stateUnhealthy): 0}
		open := 0
		for _, t := range g.Targets {
			counts[t.State]++
			open += t.Open
		}
		for state, n := range counts {
			out <- prometheus.MustNewConstMetric(targetsDesc, prometheus.GaugeValue, float64(n), g.TargetGroup, state)
		}
		out <- prometheus.MustNewConstMetric(openDesc, prometheus.GaugeValue, float64(open), g.TargetGroup)
	}
}
