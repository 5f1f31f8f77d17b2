package pattern

import (
	"fmt"
	"io"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/sixseat/sixseat/infra/capacity/internal/strict"
)

// Read reads a pattern. All problems are reported together, each with its line and field.
func Read(r io.Reader) (p Pattern, err error) {
	err = strict.Document(r, maxBytes, func(r *strict.Reader, n *yaml.Node) { p = reader{r}.pattern(n) })
	return p, err
}

type reader struct{ *strict.Reader }

func (r reader) pattern(n *yaml.Node) (p Pattern) {
	r.Mapping(n, "", strict.Fields{
		"films": r.Integer(&p.Films, 1, maxFilms),
		"day": func(n *yaml.Node, path string) {
			p.Day = &Day{}
			r.Mapping(n, path, strict.Fields{
				"present": r.Number(&p.Day.Present, 1e-6, 1),
				"average": r.Number(&p.Day.Average, 0.001, 1),
			}, "present", "average")
		},
		"kinds": func(n *yaml.Node, path string) {
			if n.Kind != yaml.SequenceNode || len(n.Content) < 1 || len(n.Content) > maxKinds {
				r.Problem(n, path, "must be a list of 1 to %d kinds", maxKinds)
				return
			}
			for i, item := range n.Content {
				p.Kinds = append(p.Kinds, r.kind(item, fmt.Sprintf("%s[%d]", path, i)))
				if slices.ContainsFunc(p.Kinds[:i], func(k Kind) bool { return k.Name == p.Kinds[i].Name }) {
					r.Problem(item, fmt.Sprintf("%s[%d].name", path, i), "is another kind's, too")
				}
			}
		},
	}, "films", "kinds")
	return p
}

func (r reader) kind(n *yaml.Node, path string) (k Kind) {
	r.Mapping(n, path, strict.Fields{
		"name": func(n *yaml.Node, path string) {
			if k.Name = n.Value; n.Kind != yaml.ScalarNode || k.Name == "" {
				r.Problem(n, path, "must be a name")
			}
		},
		"share":    r.Number(&k.Share, 0.001, 1e6),
		"patience": r.Time(&k.Patience, maxTime),
		"browse":   r.reading(&k.Browse),
		"chat": func(n *yaml.Node, path string) {
			r.Mapping(n, path, strict.Fields{
				"messages": r.Integer(&k.Chat.Messages, 0, maxMessages),
				"think":    r.Time(&k.Chat.Think, maxTime),
				"length":   r.Integer(&k.Chat.Length, minLength, maxLength),
				"typing":   r.Number(&k.Chat.Typing, 0, 1),
			}, "messages", "think", "length")
		},
		"history": r.reading(&k.History),
		"leaves":  r.Number(&k.Leaves, 0, 1),
	}, "name", "share", "patience")
	return k
}

func (r reader) reading(to *Reading) strict.Field {
	return func(n *yaml.Node, path string) {
		r.Mapping(n, path, strict.Fields{"pages": r.Integer(&to.Pages, 0, maxPages), "think": r.Time(&to.Think, maxTime)}, "pages", "think")
	}
}
