package board

import (
	"io"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/sixseat/sixseat/infra/capacity/internal/strict"
)

// maxReasons is how many octets a file of reasons may have: a page for each row.
const maxReasons = 256 << 10

// Unexplained stands with a missed row of which nobody has written why.
const Unexplained = "nobody has said why yet"

// Reasons say why goals are missed, by topic and by what a row is about.
type Reasons map[string]map[string]string

// ReadReasons reads a file that people write; errors name line and field.
func ReadReasons(from io.Reader) (Reasons, error) {
	reasons := Reasons{}
	err := strict.Document(from, maxReasons, func(r *strict.Reader, n *yaml.Node) {
		r.Each(n, "", func(topic string) strict.Field {
			return func(n *yaml.Node, path string) {
				reasons[topic] = map[string]string{}
				r.Each(n, path, func(what string) strict.Field {
					return func(n *yaml.Node, path string) {
						var why string
						r.Text(&why)(n, path)
						reasons[topic][what] = why
					}
				})
			}
		})
	})
	return reasons, err
}

// Explain puts its reason to each row that misses its goal, and to no other.
func (b *Board) Explain(reasons Reasons) {
	for i := range b.Rows {
		r := &b.Rows[i]
		r.Why = ""
		if r.Met != Missed {
			continue
		}
		if r.Why = reasons[r.Topic][r.What]; r.Why == "" {
			r.Why = Unexplained
		}
	}
}

// Idle are the reasons, as "topic: what", whose rows the board does not have.
func (b *Board) Idle(reasons Reasons) (list []string) {
	for topic, rows := range reasons {
		for what := range rows {
			if !slices.ContainsFunc(b.Rows, func(r Row) bool { return r.Topic == topic && r.What == what }) {
				list = append(list, topic+": "+what)
			}
		}
	}
	slices.Sort(list)
	return list
}
