// Package batch answers many askers with one query: the first waits a moment for
// others, so that a storm of equal questions becomes a few.
package batch

import (
	"context"
	"sync"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Limits bound one query.
type Limits struct {
	Window  time.Duration // how long the first asker waits for others
	Between time.Duration // on average, from one query to the next: a storm makes them larger, not more
	Timeout time.Duration // of the query
	Most    int           // keys in one query; a full one does not wait
	Enough  int           // keys with which a query waits no longer than until none runs; 0: it waits for its time
}

// Batcher collects askers.
type Batcher[K comparable, V any] struct {
	read   func(ctx context.Context, keys []K) (map[K]V, error)
	limits Limits

	mu   sync.Mutex   // guards what follows
	idle sync.Cond    // on mu: a query has ended
	next *query[K, V] // collects askers; nil when nobody waits
	runs int          // queries that run
	pace time.Time    // when the next query would be due if all had kept Between
}

type query[K comparable, V any] struct {
	keys    map[K]bool
	done    chan struct{} // closed when what follows is set
	answers map[K]V
	err     error
}

// New makes a Batcher. read answers for distinct keys; one that it leaves out gets the
// zero value. It may be called again while it runs.
func New[K comparable, V any](read func(ctx context.Context, keys []K) (map[K]V, error), limits Limits) *Batcher[K, V] {
	b := &Batcher[K, V]{read: read, limits: limits}
	b.idle.L = &b.mu
	return b
}

// Wait returns when no query waits or runs, within the Timeout of the last that is asked for:
// one outlives those who asked for it, and what it works with must not be closed before.
func (b *Batcher[K, V]) Wait() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.next != nil || b.runs > 0 {
		b.idle.Wait()
	}
}

// Get asks for one key together with all who ask at this moment. The answer is shared
// with those who ask for the same, and must not be changed. The end of ctx is a fault
// of kind Unavailable, and harms nobody else.
func (b *Batcher[K, V]) Get(ctx context.Context, key K) (V, error) {
	mine := b.join(key)
	select {
	case <-mine.done:
		return mine.answers[key], mine.err
	case <-ctx.Done():
		var none V
		return none, Late(ctx)
	}
}

// Late is what those get whose ctx ended before the answer came.
func Late(ctx context.Context) error {
	return fault.New(fault.Unavailable, "It could not be loaded in time.").Wrap(ctx.Err())
}

func (b *Batcher[K, V]) join(key K) *query[K, V] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		mine := &query[K, V]{keys: map[K]bool{}, done: make(chan struct{})}
		b.next = mine
		time.AfterFunc(b.wait(), func() { b.flush(mine) })
	}
	mine := b.next
	mine.keys[key] = true
	if len(mine.keys) == b.limits.Most || b.enough() {
		b.start()
	}
	return mine
}

// enough reports whether the next query is worth its while before its time. The caller holds
// mu.
func (b *Batcher[K, V]) enough() bool {
	return b.limits.Enough > 0 && b.runs == 0 && b.next != nil && len(b.next.keys) >= b.limits.Enough
}

// start runs the next query before its time. The caller holds mu.
func (b *Batcher[K, V]) start() {
	mine := b.next
	b.next = nil
	// It did not wait for its turn, so the next one waits for no more than its own.
	if soon := time.Now().Add(b.limits.Between); b.pace.After(soon) {
		b.pace = soon
	}
	b.runs++
	go b.run(mine)
}

// wait is how long the next query collects askers.
func (b *Batcher[K, V]) wait() time.Duration {
	now := time.Now()
	if earliest := now.Add(-free * b.limits.Between); b.pace.Before(earliest) {
		b.pace = earliest
	}
	wait := max(b.limits.Window, b.pace.Sub(now))
	b.pace = b.pace.Add(b.limits.Between)
	return wait
}

// flush runs the query whose time has come, unless it has been started before.
func (b *Batcher[K, V]) flush(mine *query[K, V]) {
	b.mu.Lock()
	due := b.next == mine
	if due {
		b.next = nil
		b.runs++
	}
	b.mu.Unlock()
	if due {
		b.run(mine)
	}
}

func (b *Batcher[K, V]) run(mine *query[K, V]) {
	defer b.ran()
	defer close(mine.done)
	ctx, cancel := context.WithTimeout(context.Background(), b.limits.Timeout)
	defer cancel()
	keys := make([]K, 0, len(mine.keys))
	for key := range mine.keys {
		keys = append(keys, key)
	}
	mine.answers, mine.err = b.read(ctx, keys)
}

// ran lets those go who came meanwhile, if they are enough.
func (b *Batcher[K, V]) ran() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.runs--; b.enough() {
		b.start()
	}
	b.idle.Broadcast()
}
