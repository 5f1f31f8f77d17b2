package match

import "sync"

// Watchers are the event streams of this node, by member. A change anywhere is told to
// those of the members it concerns.
type Watchers struct {
	mu   sync.Mutex
	news map[string]map[chan News]bool // by member id; sent to only under mu
}

// NewWatchers makes an empty set.
func NewWatchers() *Watchers {
	return &Watchers{news: map[string]map[chan News]bool{}}
}

// Watch returns a channel that gets what changes for the member. It holds one: changes
// that come faster than they are read become one. stop ends it.
func (w *Watchers) Watch(memberID string) (news <-chan News, stop func()) {
	c := make(chan News, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.news[memberID] == nil {
		w.news[memberID] = map[chan News]bool{}
	}
	w.news[memberID][c] = true
	return c, func() { w.forget(memberID, c) }
}

func (w *Watchers) forget(memberID string, c chan News) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.news[memberID], c)
	if len(w.news[memberID]) == 0 {
		delete(w.news, memberID)
	}
}

// Here reports whether the member has a stream on this node.
func (w *Watchers) Here(memberID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.news[memberID]) > 0
}

// Tell passes news on to the member's streams.
func (w *Watchers) Tell(memberID string, n News) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.news[memberID] {
		put(c, n)
	}
}

// Missed makes every stream look: changes may not have been told.
func (w *Watchers) Missed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, streams := range w.news {
		for c := range streams {
			put(c, News{Look: true})
		}
	}
}

// put adds to what a stream has not read yet. It does not block: nobody else sends.
func put(c chan News, n News) {
	select {
	case unread := <-c:
		n = unread.and(n)
	default:
	}
	c <- n
}
