// Package parts is a map that can be gone through a part at a time: what has to be looked at
// once in a while is looked at evenly over that time, and not all at one moment, in which
// everything else would wait. Turns says which part it is.
package parts

import (
	"hash/maphash"
	"iter"
	"maps"
	"slices"
)

// Map has values by key in parts of about the same size. It is not safe for concurrent use.
type Map[V any] struct {
	seed  maphash.Seed
	parts []map[string]V
}

// New makes an empty Map of n parts, at least one.
func New[V any](n int) *Map[V] {
	m := &Map[V]{seed: maphash.MakeSeed(), parts: make([]map[string]V, n)}
	for i := range m.parts {
		m.parts[i] = map[string]V{}
	}
	return m
}

func (m *Map[V]) of(key string) map[string]V {
	return m.parts[maphash.String(m.seed, key)%uint64(len(m.parts))]
}

// Get returns what is at a key, the zero value where nothing is.
func (m *Map[V]) Get(key string) V { return m.of(key)[key] }

// Set puts a value at a key.
func (m *Map[V]) Set(key string, v V) { m.of(key)[key] = v }

// Delete takes away what is at a key.
func (m *Map[V]) Delete(key string) { delete(m.of(key), key) }

// Len is how many values there are.
func (m *Map[V]) Len() (n int) {
	for _, p := range m.parts {
		n += len(p)
	}
	return n
}

// All goes through all values, in no order.
func (m *Map[V]) All() iter.Seq[V] {
	return func(yield func(V) bool) {
		for _, p := range m.parts {
			for _, v := range p {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// Due returns the values of the parts whose turns are from one up to another. As many turns in
// a row as there are parts come to each value once.
func (m *Map[V]) Due(from, to int) (due []V) {
	n := 0
	for turn := from; turn < to; turn++ {
		n += len(m.parts[turn%len(m.parts)])
	}
	due = make([]V, 0, n)
	for turn := from; turn < to; turn++ {
		due = slices.AppendSeq(due, maps.Values(m.parts[turn%len(m.parts)]))
	}
	return due
}
