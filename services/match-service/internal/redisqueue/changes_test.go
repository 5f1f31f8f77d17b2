package redisqueue_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// ceiling is how long something may take that takes milliseconds; it is only waited for
// when a test fails.
const ceiling = 30 * time.Second

// listener hears the changes of a world's queue.
type listener struct {
	*world
	told chan told
	all  chan struct{}
}

type told struct {
	memberID string
	news     match.News
}

func newListener(w *world) *listener {
	l := &listener{world: w, told: make(chan told, 100), all: make(chan struct{}, 100)}
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

func (l *listener) Here(string) bool             { return true }
func (l *listener) Tell(id string, n match.News) { l.told <- told{id, n} }
func (l *listener) Missed()                      { l.all <- struct{}{} }

// hear waits for so many news, and sorts them by member.
func (l *listener) hear(n int) []told {
	l.Helper()
	var heard []told
	for len(heard) < n {
		select {
		case t := <-l.told:
			heard = append(heard, t)
		case <-time.After(ceiling):
			l.Fatalf("heard %+v, want %d news", heard, n)
		}
	}
	slices.SortStableFunc(heard, func(a, b told) int { return strings.Compare(a.memberID, b.memberID) })
	return heard
}
