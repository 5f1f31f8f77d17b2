package httpapi

import (
	"context"
	"sync"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/service"
)

// Streams are the open event streams of this node. A stopping node ends them evenly over
// its window, so that their clients do not all arrive at the other nodes at once.
type Streams struct {
	mu       sync.Mutex
	endings  map[chan struct{}]bool // one for each open stream; closing it ends the stream
	draining bool
	closed   sync.WaitGroup // counts the open streams
}

// NewStreams makes an empty set.
func NewStreams() *Streams { return &Streams{endings: map[chan struct{}]bool{}} }

// Len is how many are open.
func (s *Streams) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.endings)
}

// open registers a stream. ending is closed when it has to end; the stream calls closed
// when it has.
func (s *Streams) open() (ending <-chan struct{}, closed func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return nil, nil, fault.New(fault.Stopping, "This node is stopping; connect again.")
	}
	c := make(chan struct{})
	s.endings[c] = true
	s.closed.Add(1)
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.endings, c)
		s.closed.Done()
	}, nil
}

// Drain takes no new streams, ends the open ones evenly over the window and returns when
// all are closed. When ctx ends it stops spreading and ends the rest at once.
func (s *Streams) Drain(ctx context.Context, window time.Duration) {
	service.Evenly(ctx, window, s.beginDrain(), func(c chan struct{}) { close(c) })
	gone := make(chan struct{})
	go func() { s.closed.Wait(); close(gone) }()
	select {
	case <-gone:
	case <-ctx.Done(): // one that hangs in a write is cut with its connection
	}
}

func (s *Streams) beginDrain() []chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
	list := make([]chan struct{}, 0, len(s.endings))
	for c := range s.endings {
		list = append(list, c)
	}
	return list
}
