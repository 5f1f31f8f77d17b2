package store

import (
	"context"
	"fmt"
	"time"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/fault"
)

// group commits what many callers want in one transaction. One goroutine owns the
// committing; callers wait for its answer.
type group[T, R any] struct {
	commit func(ctx context.Context, items []T) ([]R, error) // one result for each item
	key    func(T) string                                    // items with the same key never share a group

	counted groupCounters

	in   chan pending[T, R]
	stop chan struct{} // closed by close
	done chan struct{} // closed when run has ended
}

type pending[T, R any] struct {
	item   T
	answer chan<- answer[R] // has room for the one answer, so that nobody blocks on it
}

type answer[R any] struct {
	result R
	err    error
}

func newGroup[T, R any](commit func(context.Context, []T) ([]R, error), key func(T) string, counted groupCounters) *group[T, R] {
	g := &group[T, R]{
		commit: commit, key: key, counted: counted, in: make(chan pending[T, R], maxQueued),
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	go g.run()
	return g
}

// do has an item committed. When ctx ends first it may be committed all the same.
func (g *group[T, R]) do(ctx context.Context, item T) (R, error) {
	var none R
	c := make(chan answer[R], 1)
	select {
	case g.in <- pending[T, R]{item, c}:
	default:
		return none, fault.New(fault.Unavailable, "The database is too busy right now.").WithRetry(time.Second)
	}
	select {
	case a := <-c:
		return a.result, database.Fault(a.err)
	case <-ctx.Done():
		return none, database.Fault(fmt.Errorf("wait for a commit: %w", ctx.Err()))
	case <-g.done:
		return none, fault.New(fault.Stopping, "This node is stopping; ask again.")
	}
}

// close lets the group in hand finish and ends run.
func (g *group[T, R]) close() {
	close(g.stop)
	<-g.done
}

func (g *group[T, R]) run() {
	defer close(g.done)
	var later []pending[T, R] // had the key of one before them
	for {
		if len(later) == 0 {
			select {
			case <-g.stop:
				return
			case p := <-g.in:
				later = append(later, p)
			}
		}
		var now []pending[T, R]
		now, later = g.gather(later)
		next := time.Now().Add(linger)
		g.commitAll(now)
		if len(now) == 1 && len(g.in) == 0 {
			continue // idle: whoever comes next need not wait
		}
		select {
		case <-g.stop:
			return
		case <-time.After(time.Until(next)):
		}
	}
}

// gather fills a group from those left over and those in the channel.
func (g *group[T, R]) gather(left []pending[T, R]) (now, later []pending[T, R]) {
	keys := map[string]bool{}
	add := func(p pending[T, R]) {
		if k := g.key(p.item); keys[k] || len(now) == maxGroup {
			later = append(later, p)
		} else {
			keys[k] = true
			now = append(now, p)
		}
	}
	for _, p := range left {
		add(p)
	}
	for len(now) < maxGroup && len(later) < maxGroup {
		select {
		case p := <-g.in:
			add(p)
		default:
			return now, later
		}
	}
	return now, later
}

func (g *group[T, R]) commitAll(now []pending[T, R]) {
	items := make([]T, len(now))
	for i, p := range now {
		items[i] = p.item
	}
	results, err := g.try(items)
	if err != nil && len(now) > 1 && (!database.Away(err) || database.Locked(err)) {
		// Something in the group cannot be stored, or is locked by a node that stands still.
		// Nobody else's commit may fail for it.
		for _, p := range now {
			g.commitAll([]pending[T, R]{p})
		}
		return
	}
	for i, p := range now {
		if err != nil {
			p.answer <- answer[R]{err: err}
		} else {
			p.answer <- answer[R]{result: results[i]}
		}
	}
}

// try commits and tries again when the database was only away for a moment. A commit
// whose reply was lost is repeated with the same ids, which changes nothing.
func (g *group[T, R]) try(items []T) ([]R, error) {
	ctx, cancel := context.WithTimeout(context.Background(), groupTimeout)
	defer cancel()
	var err error
	for attempt := range retries {
		var results []R
		start := time.Now()
		results, err = g.commit(ctx, items)
		g.counted.tried(len(items), time.Since(start), err)
		if err == nil || !database.Away(err) || database.Locked(err) && len(items) > 1 {
			return results, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(retryPause << attempt):
		}
	}
	return nil, fmt.Errorf("after %d attempts: %w", retries, err)
}
