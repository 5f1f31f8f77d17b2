package plan

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

//go:embed plan.html
var source string

var page = template.Must(template.New("plan").Funcs(template.FuncMap{
	"style":   report.Style,
	"short":   short,
	"percent": func(share float64) string { return fmt.Sprintf("%.0f", 100*share) },
	"wide":    func(share float64) float64 { return min(100, 100*share) },
}).Parse(source))

// WriteHTML writes plans as one page that needs nothing but itself.
func WriteHTML(w io.Writer, plans []*Plan, b Basis) error {
	type line struct {
		Name  string
		Cells []string
	}
	var table []line
	for _, r := range rows(b.Horizon) {
		l := line{Name: r.Name}
		for _, p := range plans {
			l.Cells = append(l.Cells, r.Cell(p))
		}
		table = append(table, l)
	}
	return page.Execute(w, struct {
		Plans []*Plan
		Basis []string
		Table []line

		Horizon string
	}{plans, b.lines(), table, days(b.Horizon)})
}
