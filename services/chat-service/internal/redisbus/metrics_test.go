package redisbus

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// gather reads all metrics of a bus.
func gather(t *testing.T, b *Bus) map[string]float64 {
	t.Helper()
	r := prometheus.NewRegistry()
	r.MustRegister(b.Collectors()...)
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, f := range families {
		m := f.GetMetric()[0]
		values[f.GetName()] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
	}
	return values
}
