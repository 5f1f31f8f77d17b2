package line

import (
	"errors"
	"sync/atomic"

	"github.com/sixseat/sixseat/pkg/poller"
	"github.com/sixseat/sixseat/pkg/rawsock"
)

// Listen has everything taken that a chat says from now on, and ended told why nothing more
// comes. It returns at once: both are called by the one goroutine that waits for all lines,
// or by who closes or interrupts this one, never at the same time, and must not block. Where
// a line can only be waited for, a goroutine of its own does.
func Listen(c Chat, take func(Event), ended func(error)) {
	c.listen(func() error {
		for {
			e, err := c.Hear()
			if err != nil {
				return err
			}
			take(e)
		}
	}, ended)
}

// watch is how a Socket is listened to.
type watch struct {
	hear    func() error // all that is there; rawsock.ErrAgain: that was all
	over    func(error)
	watched *poller.Watched
	tells   bool        // the poller tells when something has come, so that reading does not wait
	ended   atomic.Bool // the server will send nothing more

	// Calls of look that nobody has looked at yet; somebody hears while there are any. One is
	// there until Socket.listen has begun, and one stays when nobody will hear any more.
	news atomic.Int64
}

func (s *Socket) listen(hear func() error, over func(error)) {
	w := &s.watch
	w.hear, w.over = hear, over
	err := errors.ErrUnsupported
	if s.raw != nil {
		w.watched, err = poller.Watch(s.raw, func(ended bool) {
			if ended {
				w.ended.Store(true)
			}
			s.look()
		}, nil)
	}
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		go func() { over(hear()) }()
	case err != nil:
		over(err)
	default:
		w.tells = true
		s.hearAll()
	}
}

// look has heard what may have come. Any goroutine may call it, at any time: who hears
// already looks again.
func (s *Socket) look() {
	if s.watch.news.Add(1) == 1 {
		s.hearAll()
	}
}

func (s *Socket) hearAll() {
	w := &s.watch
	for {
		news := w.news.Load()
		s.in.drained = false
		if err := w.hear(); err != rawsock.ErrAgain {
			w.watched.Forget()
			w.over(err)
			return
		}
		if w.news.Add(-news) == 0 {
			return
		}
	}
}
