package pattern

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Read reads a pattern. All problems are reported together, each with its line and field.
func Read(r io.Reader) (Pattern, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return Pattern{}, err
	}
	if len(text) > maxBytes {
		return Pattern{}, fmt.Errorf("must have at most %d octets", maxBytes)
	}
	var document, more yaml.Node
	dec := yaml.NewDecoder(strings.NewReader(string(text)))
	if err := dec.Decode(&document); err != nil {
		return Pattern{}, fmt.Errorf("must be YAML: %w", err)
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return Pattern{}, errors.New("must be one YAML document, and there is something after it")
	}
	var rd reader
	p := rd.pattern(document.Content[0])
	return p, errors.Join(rd.problems...)
}

// reader goes through the nodes of a document and collects problems.
type reader struct{ problems []error }

func (r *reader) problem(n *yaml.Node, path, format string, args ...any) {
	if path == "" {
		path = "the document"
	}
	r.problems = append(r.problems, fmt.Errorf("line %d: %s %s", n.Line, path, fmt.Sprintf(format, args...)))
}

// fields are what may stand in a mapping, and how each is read.
type fields map[string]func(n *yaml.Node, path string)

// mapping reads a mapping, which must have the fields that are required.
func (r *reader) mapping(n *yaml.Node, path string, known fields, required ...string) {
	if n.Kind != yaml.MappingNode {
		r.problem(n, path, "must be a mapping")
		return
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		switch read := known[key.Value]; {
		case read == nil:
			r.problem(key, at, "is no field of a pattern")
		case seen[key.Value]:
			r.problem(key, at, "is there twice")
		default:
			read(value, at)
		}
		seen[key.Value] = true
	}
	for _, name := range required {
		if !seen[name] {
			r.problem(n, strings.TrimPrefix(path+"."+name, "."), "is missing")
		}
	}
}

func (r *reader) pattern(n *yaml.Node) (p Pattern) {
	r.mapping(n, "", fields{
		"films": r.integer(&p.Films, 1, maxFilms),
		"kinds": func(n *yaml.Node, path string) {
			if n.Kind != yaml.SequenceNode || len(n.Content) < 1 || len(n.Content) > maxKinds {
				r.problem(n, path, "must be a list of 1 to %d kinds", maxKinds)
				return
			}
			for i, item := range n.Content {
				p.Kinds = append(p.Kinds, r.kind(item, fmt.Sprintf("%s[%d]", path, i)))
				if slices.ContainsFunc(p.Kinds[:i], func(k Kind) bool { return k.Name == p.Kinds[i].Name }) {
					r.problem(item, fmt.Sprintf("%s[%d].name", path, i), "is another kind's, too")
				}
			}
		},
	}, "films", "kinds")
	return p
}

func (r *reader) kind(n *yaml.Node, path string) (k Kind) {
	r.mapping(n, path, fields{
		"name": func(n *yaml.Node, path string) {
			if k.Name = n.Value; n.Kind != yaml.ScalarNode || k.Name == "" {
				r.problem(n, path, "must be a name")
			}
		},
		"share":    r.number(&k.Share, 0.001, 1e6),
		"patience": r.time(&k.Patience),
		"browse":   r.reading(&k.Browse),
		"chat": func(n *yaml.Node, path string) {
			r.mapping(n, path, fields{
				"messages": r.integer(&k.Chat.Messages, 0, maxMessages),
				"think":    r.time(&k.Chat.Think),
				"length":   r.integer(&k.Chat.Length, minLength, maxLength),
				"typing":   r.number(&k.Chat.Typing, 0, 1),
			}, "messages", "think", "length")
		},
		"history": r.reading(&k.History),
		"leaves":  r.number(&k.Leaves, 0, 1),
	}, "name", "share", "patience")
	return k
}

func (r *reader) reading(to *Reading) func(n *yaml.Node, path string) {
	return func(n *yaml.Node, path string) {
		r.mapping(n, path, fields{"pages": r.integer(&to.Pages, 0, maxPages), "think": r.time(&to.Think)}, "pages", "think")
	}
}

func (r *reader) integer(to *int, least, most int) func(n *yaml.Node, path string) {
	return func(n *yaml.Node, path string) {
		v, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || v < least || v > most {
			r.problem(n, path, "must be a whole number from %d to %d, is %q", least, most, n.Value)
		}
		*to = v
	}
}

func (r *reader) number(to *float64, least, most float64) func(n *yaml.Node, path string) {
	return func(n *yaml.Node, path string) {
		v, err := strconv.ParseFloat(n.Value, 64)
		if n.Kind != yaml.ScalarNode || err != nil || !(v >= least && v <= most) {
			r.problem(n, path, "must be a number from %g to %g, is %q", least, most, n.Value)
		}
		*to = v
	}
}

func (r *reader) time(to *time.Duration) func(n *yaml.Node, path string) {
	return func(n *yaml.Node, path string) {
		v, err := time.ParseDuration(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || v <= 0 || v > maxTime {
			r.problem(n, path, "must be a time up to %v, like 1m30s, is %q", maxTime, n.Value)
		}
		*to = v
	}
}
