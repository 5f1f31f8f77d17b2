// Package metrictest reads what a service shows at /metrics, for tests: series by their
// name and labels, and the table of metrics that stands in a README.
package metrictest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Scrape is what a process showed at one moment.
type Scrape struct {
	Families map[string]*dto.MetricFamily
	// Series are all values, by how Prometheus writes them: name{label="value"}, labels in
	// alphabetical order. A histogram has its _count and _sum here.
	Series map[string]float64
}

// Read scrapes a URL.
func Read(tb testing.TB, url string) Scrape {
	tb.Helper()
	resp, err := http.Get(url)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		tb.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	s := Scrape{families, map[string]float64{}}
	for name, f := range families {
		for _, m := range f.GetMetric() {
			s.add(name, m)
		}
	}
	return s
}

func (s Scrape) add(name string, m *dto.Metric) {
	var pairs []string
	for _, l := range m.GetLabel() {
		pairs = append(pairs, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
	}
	slices.Sort(pairs)
	labels := ""
	if len(pairs) > 0 {
		labels = "{" + strings.Join(pairs, ",") + "}"
	}
	if h := m.GetHistogram(); h != nil {
		s.Series[name+"_count"+labels], s.Series[name+"_sum"+labels] = float64(h.GetSampleCount()), h.GetSampleSum()
		return
	}
	s.Series[name+labels] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()
}

// libraries are the families that libraries make, each documented as a whole.
var libraries = []string{"go_", "process_", "redis_pool_"}

// Own are the names of the families that are ours, sorted.
func (s Scrape) Own() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(s.Families)) {
		if !slices.ContainsFunc(libraries, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			names = append(names, name)
		}
	}
	return names
}

// Table is the Markdown table of the families that are ours.
func (s Scrape) Table() string {
	var b strings.Builder
	b.WriteString("| metric | type | labels | what it is |\n| --- | --- | --- | --- |\n")
	for _, name := range s.Own() {
		f := s.Families[name]
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, strings.ToLower(f.GetType().String()), strings.Join(Labels(f), ", "), f.GetHelp())
	}
	return b.String()
}

// Labels are the names of a family's labels, sorted.
func Labels(f *dto.MetricFamily) []string {
	names := map[string]bool{}
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			names[l.GetName()] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
