package httpapi

import (
	"bytes"
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// stream is one event stream without its socket: what it reads, what it writes and what
// makes it move. All fields are static; run is the only goroutine.
type stream struct {
	read   func(context.Context) (match.State, error)      // marks the member as present
	encode func(to *bytes.Buffer, state match.State) error // adds an event
	write  func([]byte) error
	news   <-chan match.News
	follow func(match.News, match.State) (after match.State, known bool)
	ending <-chan struct{} // closed when the node drains
	life   time.Duration
}

var comment = []byte(": still here\n\n")

// run writes the first state and then every change, until the client goes away, the
// stream's life is over or the node drains. It returns the last state it knew.
func (s stream) run(ctx context.Context, state match.State) match.State {
	if s.send(state) != nil {
		return state
	}
	life, comments, reads := time.NewTimer(s.life), time.NewTicker(commentEvery), time.NewTicker(match.ReadEvery)
	defer life.Stop()
	defer comments.Stop()
	defer reads.Stop()
	for {
		var next match.State
		known := false
		select { // before all else: while a store hangs a read is always due
		case <-comments.C:
			if s.write(comment) != nil {
				return state
			}
		default:
		}
		select {
		case <-ctx.Done():
			return state
		case <-s.ending:
			return state
		case <-life.C:
			return state
		case <-comments.C:
			if s.write(comment) != nil {
				return state
			}
			continue
		case news := <-s.news:
			next, known = s.follow(news, state)
		case <-reads.C:
		}
		if !known {
			var err error
			if next, err = s.read(ctx); err != nil {
				// A store that is away changes nothing that could be shown; the next read
				// may be better. The request's own end is seen above.
				continue
			}
			reads.Reset(match.ReadEvery)
		}
		if same(next, state) {
			continue
		}
		state = next
		if s.send(state) != nil {
			return state
		}
	}
}

// same reports whether two states look alike. That a seat was entered is not shown.
func same(a, b match.State) bool {
	a.Match.Entered, b.Match.Entered = false, false
	return reflect.DeepEqual(a, b)
}

// eventBuffers are what streams put their events together in, each for as long as it writes.
var eventBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (s stream) send(state match.State) error {
	event := eventBuffers.Get().(*bytes.Buffer)
	defer eventBuffers.Put(event)
	event.Reset()
	if err := s.encode(event, state); err != nil {
		return err
	}
	return s.write(event.Bytes())
}
