package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Mark says that a member has read a room up to Seq.
type Mark struct {
	RoomID   string
	MemberID string
	Nickname string
	Seq      int64
}

// ReadStore keeps one last read seq for each member of a room.
type ReadStore interface {
	// MarkRead raises what members have read, in one statement: nothing is lowered,
	// nothing goes beyond the room's last seq, and one who is not inside is passed over.
	// No two marks may be of the same member and room. It returns those that rose, with
	// the seq as stored. While the store is away its error is a fault of kind Unavailable.
	MarkRead(ctx context.Context, marks []Mark) (raised []Mark, err error)
}

// reads collects marks and writes them for all members together, at most once a second.
type reads struct {
	store ReadStore
	tell  func(Mark) // after the write, for each that rose
	log   *slog.Logger

	mu      sync.Mutex // guards waiting
	waiting map[place]*waitingMark
	wake    chan struct{} // one slot
}

// place is a member's in a room.
type place struct{ roomID, memberID string }

type waitingMark struct {
	Mark
	done []func(error)
}

func newReads(store ReadStore, tell func(Mark), log *slog.Logger) *reads {
	return &reads{store: store, tell: tell, log: log, waiting: map[place]*waitingMark{}, wake: make(chan struct{}, 1)}
}

// add puts a mark beside those that wait, or raises the one that does.
func (r *reads) add(m Mark, done func(error)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := place{m.RoomID, m.MemberID}
	w := r.waiting[at]
	if w == nil {
		if len(r.waiting) >= maxMarks {
			return fault.New(fault.Unavailable, "Too many read marks wait to be stored.").WithRetry(writeEvery)
		}
		w = &waitingMark{Mark: m}
		r.waiting[at] = w
	}
	w.Seq = max(w.Seq, m.Seq)
	if done != nil {
		w.done = append(w.done, done)
	}
	signal(r.wake)
	return nil
}

// signal wakes the one loop behind a channel of one slot, once for many.
func signal(wake chan<- struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// run writes at once when a second has passed since the last write, until ctx ends.
func (r *reads) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		}
		pause := time.After(writeEvery)
		r.write(ctx)
		select {
		case <-ctx.Done():
			return
		case <-pause:
		}
	}
}

// write stores all that waits. It goes on when ctx ends: marks are never dropped halfway.
func (r *reads) write(ctx context.Context) {
	all := r.take()
	for len(all) > 0 {
		n := min(len(all), maxMarksPerWrite)
		r.writeSome(ctx, all[:n])
		all = all[n:]
	}
}

func (r *reads) take() []*waitingMark {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]*waitingMark, 0, len(r.waiting))
	for _, w := range r.waiting {
		all = append(all, w)
	}
	clear(r.waiting)
	return all
}

// writeSome stores some marks in one statement. Those who wait are told of a failure,
// and yet it is tried again until it is stored: a mark costs nothing to repeat.
func (r *reads) writeSome(ctx context.Context, some []*waitingMark) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	marks := make([]Mark, len(some))
	for i, w := range some {
		marks[i] = w.Mark
	}
	raised, err := r.store.MarkRead(ctx, marks)
	switch {
	case fault.Is(err, fault.Unavailable):
		r.log.Warn("read marks not stored yet", "marks", len(marks), "err", err)
		r.keep(marks)
	case err != nil: // the statement is at fault, and would be again
		r.log.Error("read marks refused", "marks", len(marks), "err", err)
	}
	for _, m := range raised {
		r.tell(m)
	}
	for _, w := range some {
		for _, done := range w.done {
			done(err)
		}
	}
}

// keep puts marks back, beside what came meanwhile. They had their place before, so they
// are taken whatever the limit.
func (r *reads) keep(marks []Mark) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range marks {
		at := place{m.RoomID, m.MemberID}
		if w := r.waiting[at]; w != nil {
			w.Seq = max(w.Seq, m.Seq)
		} else {
			r.waiting[at] = &waitingMark{Mark: m}
		}
	}
	signal(r.wake)
}

// close writes what still waits. What the store does not take now is named in the log.
func (r *reads) close() {
	r.write(context.Background())
	if left := r.take(); len(left) > 0 {
		r.log.Error("read marks lost: the store was away until the end", "marks", len(left))
	}
}
