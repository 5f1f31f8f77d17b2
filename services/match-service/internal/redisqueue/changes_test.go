package redisqueue_test

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// ceiling is how long something may take that takes milliseconds; it is only waited for
// when a test fails.
const ceiling = 30 * time.Second

// listener hears the changes of a world's queue.
type listener struct {
	*world
	woken chan []string
	all   chan struct{}
}

func newListener(w *world) *listener {
	l := &listener{world: w, woken: make(chan []string, 100), all: make(chan struct{}, 100)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.queue.Listen(ctx, l, slog.New(slog.DiscardHandler))
	}()
	w.Cleanup(func() { cancel(); <-done })
	select {
	case <-l.all: // subscribed
	case <-time.After(ceiling):
		w.Fatal("not subscribed")
	}
	return l
}

func (l *listener) Wake(ids []string) { l.woken <- ids }
func (l *listener) WakeAll()          { l.all <- struct{}{} }

func (l *listener) expect(want ...string) {
	l.Helper()
	select {
	case got := <-l.woken:
		slices.Sort(got)
		l.equal("woken", got, want)
	case <-time.After(ceiling):
		l.Fatalf("nobody was woken, want %v", want)
	}
}
