package board

import (
	_ "embed"
	"html/template"
	"io"
	"slices"

	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

//go:embed board.html
var source string

var page = template.Must(template.New("board").Funcs(template.FuncMap{"style": report.Style}).Parse(source))

// part is the rows of one topic.
type part struct {
	Topic string
	Rows  []Row
}

// WriteHTML writes the board for people.
func (b *Board) WriteHTML(w io.Writer) error {
	view := struct {
		*Board
		Parts                     []part
		Goals, Reached, Stretched int
	}{Board: b, Parts: b.parts()}
	for _, r := range b.Rows {
		switch r.Met {
		case Further:
			view.Stretched++
			fallthrough
		case Reached:
			view.Reached++
			fallthrough
		case Missed:
			view.Goals++
		}
	}
	return page.Execute(w, view)
}

// parts are the rows by topic, in the order in which topics came.
func (b *Board) parts() (list []part) {
	for _, r := range b.Rows {
		i := slices.IndexFunc(list, func(p part) bool { return p.Topic == r.Topic })
		if i < 0 {
			i, list = len(list), append(list, part{Topic: r.Topic})
		}
		list[i].Rows = append(list[i].Rows, r)
	}
	return list
}
