package report

import (
	_ "embed"
	"html/template"
	"io"
	"maps"
	"slices"

	"github.com/sixseat/sixseat/infra/capacity/internal/usage"
)

//go:embed report.html
var source string

//go:embed style.css
var css string

// Style is how our pages look: light and dark, on a phone and on a desk.
func Style() template.CSS { return template.CSS(css) }

var page = template.Must(template.New("report").Funcs(template.FuncMap{
	"style": Style,
	"count": func(n int64) string { return number(float64(n)) },
	"ms":    trim,
	"mib":   func(n int64) string { return trim(float64(n) / (1 << 20)) },
	"kib":   func(n float64) string { return trim(n / (1 << 10)) },
	"each":  each,
	"share": func(sum, n int64) string { return each(float64(sum), n, 1) },
}).Parse(source))

// each is one of n's part of a sum, in a unit of which there are so many; "" of none.
func each(sum float64, n int64, units float64) string {
	if n == 0 {
		return ""
	}
	return trim(sum / float64(n) * units)
}

// view is a Result as the page shows it.
type view struct {
	*Result
	Processes []string
	Charts    []chart
}

// WriteHTML writes the result for people.
func (r *Result) WriteHTML(w io.Writer) error {
	charts := []chart{r.overTime(), r.activity()}
	charts = append(charts, r.histograms()...)
	charts = append(charts, r.againstConnections()...)
	return page.Execute(w, view{r, r.processes(), append(charts, r.costs())})
}

// processes are all that were measured, sorted.
func (r *Result) processes() []string {
	names := map[string]usage.Sample{}
	for _, s := range r.Seconds {
		maps.Copy(names, s.Usage)
	}
	return slices.Sorted(maps.Keys(names))
}

func (r *Result) overTime() chart {
	p50, p99 := series{name: "p50"}, series{name: "p99"}
	for _, s := range r.Seconds {
		if s.Latency.Count > 0 {
			p50.points = append(p50.points, point{s.At, s.Latency.P50})
			p99.points = append(p99.points, point{s.At, s.Latency.P99})
		}
	}
	return chart{title: "Latency over time", x: "s", y: "ms", series: []series{p99, p50}}
}

// activity is how many were connected, and what came to them.
func (r *Result) activity() chart {
	open, delivered := series{name: "connections"}, series{name: "deliveries/s"}
	before := 0.0
	for _, s := range r.Seconds {
		open.points = append(open.points, point{s.At, float64(s.Connections)})
		if s.At > before {
			delivered.points = append(delivered.points, point{s.At, float64(s.Delivered) / (s.At - before)})
		}
		before = s.At
	}
	return chart{title: "Connections and deliveries over time", x: "s", y: "count", series: []series{open, delivered}}
}

// WriteSVG writes the charts that a README shows: who was there, and how long it took.
func (r *Result) WriteSVG(w io.Writer) error {
	_, err := io.WriteString(w, picture(r.activity(), r.overTime()))
	return err
}

func (r *Result) histograms() (charts []chart) {
	for _, name := range slices.Sorted(maps.Keys(r.Histogram)) {
		if name == "late" {
			continue // a word in the table is enough for it
		}
		c := chart{title: "How long: " + name, x: "up to ms", y: "count", style: bars}
		var s series
		for i, b := range r.Histogram[name] {
			c.names = append(c.names, trim(b.UpToMs))
			s.points = append(s.points, point{float64(i), float64(b.Count)})
		}
		c.series = []series{s}
		charts = append(charts, c)
	}
	return charts
}

// againstConnections are cores and memory of each process, a dot for each second.
func (r *Result) againstConnections() []chart {
	cpu := chart{title: "CPU against connections", x: "connections", y: "cores", style: dots}
	memory := chart{title: "Memory against connections", x: "connections", y: "MiB", style: dots}
	for _, name := range r.processes() {
		cores, mib := series{name: name}, series{name: name}
		for i, s := range r.Seconds {
			now, measured := s.Usage[name]
			if !measured {
				continue
			}
			mib.points = append(mib.points, point{float64(s.Connections), float64(now.RSS) / (1 << 20)})
			if i == 0 {
				continue
			}
			if before, measured := r.Seconds[i-1].Usage[name]; measured {
				cores.points = append(cores.points, point{float64(s.Connections), (now.CPU - before.CPU) / (s.At - r.Seconds[i-1].At)})
			}
		}
		cpu.series, memory.series = append(cpu.series, cores), append(memory.series, mib)
	}
	return []chart{cpu, memory}
}

// costs is CPU time per delivery of each process, a point for each step.
func (r *Result) costs() chart {
	c := chart{title: "Cost per delivery against rate", x: "deliveries/s", y: "µs of CPU", style: dots}
	for _, name := range r.processes() {
		s := series{name: name}
		for _, step := range r.Steps {
			if cost, measured := step.Cost[name]; measured && step.Seconds > 0 {
				s.points = append(s.points, point{float64(step.Delivered) / step.Seconds, cost})
			}
		}
		c.series = append(c.series, s)
	}
	return c
}
