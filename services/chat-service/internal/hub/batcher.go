package hub

import (
	"context"
	"sync"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
)

// batcher answers many askers with one query: the first waits a moment for others.
type batcher struct {
	read func(ctx context.Context, roomIDs []string) (map[string]int64, error)

	mu   sync.Mutex // guards next
	next *batch     // collects askers; nil when nobody waits
}

type batch struct {
	rooms map[string]bool
	done  chan struct{} // closed when heads and err are set
	heads map[string]int64
	err   error
}

func newBatcher(read func(context.Context, []string) (map[string]int64, error)) *batcher {
	return &batcher{read: read}
}

// get returns a room's head, 0 for a room that does not exist.
func (b *batcher) get(ctx context.Context, roomID string) (int64, error) {
	mine := b.join(roomID)
	select {
	case <-mine.done:
		return mine.heads[roomID], mine.err
	case <-ctx.Done():
		return 0, late(ctx)
	}
}

// late is what those get who cannot wait longer for the store.
func late(ctx context.Context) error {
	return fault.New(fault.Unavailable, "The room could not be loaded in time.").Wrap(ctx.Err())
}

func (b *batcher) join(roomID string) *batch {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = &batch{rooms: map[string]bool{}, done: make(chan struct{})}
		time.AfterFunc(batchWindow, b.flush)
	}
	b.next.rooms[roomID] = true
	mine := b.next
	if len(mine.rooms) == maxHeadsPerQuery {
		b.next = nil
		go b.run(mine)
	}
	return mine
}

// flush runs the batch that waits, unless it was full before its time.
func (b *batcher) flush() {
	b.mu.Lock()
	mine := b.next
	b.next = nil
	b.mu.Unlock()
	if mine != nil {
		b.run(mine)
	}
}

func (b *batcher) run(mine *batch) {
	defer close(mine.done)
	ctx, cancel := context.WithTimeout(context.Background(), loadTimeout)
	defer cancel()
	ids := make([]string, 0, len(mine.rooms))
	for id := range mine.rooms {
		ids = append(ids, id)
	}
	mine.heads, mine.err = b.read(ctx, ids)
}
