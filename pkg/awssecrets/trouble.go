package awssecrets

import (
	"log/slog"
	"sync"
	"time"
)

// trouble is whether a secret can be used at the moment. It says so when that changes.
type trouble struct {
	log *slog.Logger

	mu   sync.Mutex // guards what follows
	said time.Time  // when it was said last that it cannot; zero while it can
}

// is takes the outcome of the latest reading. Of failures the first is said, and then one
// every sayEvery, since an alarm rings for as long as it hears of them.
func (t *trouble) is(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err != nil && time.Since(t.said) >= sayEvery:
		t.log.Error("a secret cannot be used", "err", err)
		t.said = time.Now()
	case err == nil && !t.said.IsZero():
		t.log.Info("a secret can be used again")
		t.said = time.Time{}
	}
}

// Failing reports whether the latest reading of the secret, after the first, was in vain:
// then what it said before is in use.
func (s *Secret) Failing() bool {
	s.trouble.mu.Lock()
	defer s.trouble.mu.Unlock()
	return !s.trouble.said.IsZero()
}
