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
	return page.Execute(w, struct {
		*Board
		Parts []part
		Goals map[string]int
	}{b, b.parts(), b.goals()})
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

func (b *Board) goals() map[string]int {
	n := map[string]int{}
	for _, r := range b.Rows {
		n[string(r.Met)]++
	}
	return n
}
