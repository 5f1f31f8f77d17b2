package service

import (
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/felixge/httpsnoop"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics is a service's registry, with what every service shows of itself: Go, the
// process, the build, HTTP and drains. No label has values that a client can choose.
type Metrics struct {
	*prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	drains   map[string]prometheus.Counter // by who told it to
}

// Who tells a node to drain, as logs and metrics say it.
const (
	bySignal       = "signal"
	byLoadBalancer = "load balancer"
)

// NewMetrics makes the registry of the service of this name.
func NewMetrics(name string) *Metrics {
	m := &Metrics{
		Registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "http_requests_total", Help: "Requests to the public listener, by the template of their route (none: no route), method and status."},
			[]string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_seconds", Help: "From a request to the beginning of its answer, so that event streams and WebSockets compare with the rest.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}, // up to RequestTimeout
		}, []string{"route", "method"}),
		drains: map[string]prometheus.Counter{},
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "service_build_info", Help: "Always 1; its labels say what runs.",
		ConstLabels: prometheus.Labels{"service": name, "version": Version, "commit": Commit, "goversion": runtime.Version()},
	})
	build.Set(1)
	drains := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "service_drains_total", Help: "Drains that this process began, at most one, by who told it to."}, []string{"told_by"})
	for _, by := range []string{bySignal, byLoadBalancer} {
		m.drains[by] = drains.WithLabelValues(by)
	}
	m.MustRegister(m.requests, m.seconds, build, drains,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// watch counts a request when its answer begins, which is with the last status: 103 and
// the like are only announcements of it. (httpsnoop's own metrics take 101 for one of
// them.) A stream or a socket is counted at once and not at its end.
func (m *Metrics) watch(w http.ResponseWriter, r *http.Request, about *request) http.ResponseWriter {
	return httpsnoop.Wrap(w, httpsnoop.Hooks{WriteHeader: func(next httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
		return func(status int) {
			if status >= 200 || status == http.StatusSwitchingProtocols {
				m.answered(r, about, status)
			}
			next(status)
		}
	}})
}

// answered counts a request whose answer begins, once.
func (m *Metrics) answered(r *http.Request, about *request, status int) {
	if about.status != 0 {
		return
	}
	about.status = status
	route, method := about.route, methodOf(r)
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route, method).Observe(time.Since(about.start).Seconds())
}

var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// methodOf is the method, or other for one that a client made up.
func methodOf(r *http.Request) string {
	if slices.Contains(methods, r.Method) {
		return r.Method
	}
	return "other"
}
