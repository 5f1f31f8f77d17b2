package match

import "sync"

// Watchers are the event streams of this node, by member. A change anywhere wakes those
// of the members it concerns; what changed they read for themselves.
type Watchers struct {
	mu     sync.Mutex
	wakers map[string]map[chan struct{}]bool // by member id
}

// NewWatchers makes an empty set.
func NewWatchers() *Watchers {
	return &Watchers{wakers: map[string]map[chan struct{}]bool{}}
}

// Watch returns a channel that gets a value when the member's state may have changed.
// It holds one: changes that come faster than they are read become one. stop ends it.
func (w *Watchers) Watch(memberID string) (woken <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wakers[memberID] == nil {
		w.wakers[memberID] = map[chan struct{}]bool{}
	}
	w.wakers[memberID][c] = true
	return c, func() { w.forget(memberID, c) }
}

func (w *Watchers) forget(memberID string, c chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.wakers[memberID], c)
	if len(w.wakers[memberID]) == 0 {
		delete(w.wakers, memberID)
	}
}

// Wake wakes the streams of the given members.
func (w *Watchers) Wake(memberIDs []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range memberIDs {
		wakeAll(w.wakers[id])
	}
}

// WakeAll wakes every stream: changes may have been missed.
func (w *Watchers) WakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, cs := range w.wakers {
		wakeAll(cs)
	}
}

func wakeAll(cs map[chan struct{}]bool) {
	for c := range cs {
		select {
		case c <- struct{}{}:
		default: // awake already
		}
	}
}
