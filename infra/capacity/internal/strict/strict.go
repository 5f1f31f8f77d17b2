// Package strict reads YAML files that people write, and JSON, which is YAML as well: what
// it does not know, what is missing and what cannot be is an error that names line and
// field, and all of them are reported together.
package strict

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Document reads a file of one document, of at most as many octets.
func Document(from io.Reader, most int, read func(r *Reader, n *yaml.Node)) error {
	text, err := io.ReadAll(io.LimitReader(from, int64(most)+1))
	if err != nil {
		return err
	}
	if len(text) > most {
		return fmt.Errorf("must have at most %d octets", most)
	}
	var document, more yaml.Node
	dec := yaml.NewDecoder(strings.NewReader(string(text)))
	if err := dec.Decode(&document); err != nil {
		return fmt.Errorf("must be YAML: %w", err)
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return errors.New("must be one YAML document, and there is something after it")
	}
	var r Reader
	read(&r, document.Content[0])
	return errors.Join(r.problems...)
}

// Reader goes through the nodes of a document and collects problems.
type Reader struct{ problems []error }

// Problem notes what is wrong with a field.
func (r *Reader) Problem(n *yaml.Node, path, format string, args ...any) {
	if path == "" {
		path = "the document"
	}
	r.problems = append(r.problems, fmt.Errorf("line %d: %s %s", n.Line, path, fmt.Sprintf(format, args...)))
}

// Field reads the value of a field.
type Field func(n *yaml.Node, path string)

// Fields are what may stand in a mapping, and how each is read.
type Fields map[string]Field

// Mapping reads a mapping, which must have the fields that are required.
func (r *Reader) Mapping(n *yaml.Node, path string, known Fields, required ...string) {
	r.Each(n, path, func(key string) Field { return known[key] }, required...)
}

// Each reads a mapping of which known says for each field how it is read, nil for one that
// may not be there.
func (r *Reader) Each(n *yaml.Node, path string, known func(key string) Field, required ...string) {
	if n.Kind != yaml.MappingNode {
		r.Problem(n, path, "must be a mapping")
		return
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		switch read := known(key.Value); {
		case read == nil:
			r.Problem(key, at, "is no field that is known here")
		case seen[key.Value]:
			r.Problem(key, at, "is there twice")
		default:
			read(value, at)
		}
		seen[key.Value] = true
	}
	for _, name := range required {
		if !seen[name] {
			r.Problem(n, strings.TrimPrefix(path+"."+name, "."), "is missing")
		}
	}
}

// Integer reads a whole number.
func (r *Reader) Integer(to *int, least, most int) Field {
	return func(n *yaml.Node, path string) {
		v, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || v < least || v > most {
			r.Problem(n, path, "must be a whole number from %d to %d, is %q", least, most, n.Value)
		}
		*to = v
	}
}

// Number reads a number.
func (r *Reader) Number(to *float64, least, most float64) Field {
	return func(n *yaml.Node, path string) {
		v, err := strconv.ParseFloat(n.Value, 64)
		if n.Kind != yaml.ScalarNode || err != nil || !(v >= least && v <= most) {
			r.Problem(n, path, "must be a number from %g to %g, is %q", least, most, n.Value)
		}
		*to = v
	}
}

// Time reads a length of time, like 1m30s.
func (r *Reader) Time(to *time.Duration, most time.Duration) Field {
	return func(n *yaml.Node, path string) {
		v, err := time.ParseDuration(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || v <= 0 || v > most {
			r.Problem(n, path, "must be a time up to %v, like 1m30s, is %q", most, n.Value)
		}
		*to = v
	}
}

// Text reads a text, which must not be empty.
func (r *Reader) Text(to *string) Field {
	return func(n *yaml.Node, path string) {
		if *to = n.Value; n.Kind != yaml.ScalarNode || n.Value == "" {
			r.Problem(n, path, "must be a text")
		}
	}
}

// Date reads a day, like 2026-11-28, or a moment of one.
func (r *Reader) Date(to *time.Time) Field {
	return func(n *yaml.Node, path string) {
		var err error
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			if *to, err = time.Parse(layout, n.Value); err == nil {
				return
			}
		}
		r.Problem(n, path, "must be a date like 2026-11-28, is %q", n.Value)
	}
}
