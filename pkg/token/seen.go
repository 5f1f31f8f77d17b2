package token

import (
	"crypto/sha256"
	"sync"
	"time"
)

// seen remembers member tokens whose signature was verified, or made here, a short while
// ago: a client shows the same one with each request, and verifying takes longer than most
// requests do. Tokens are kept as hashes, so that nobody can read them out of memory.
type seen struct {
	mu         sync.Mutex // guards what follows
	young, old map[[sha256.Size]byte]sighting
}

type sighting struct {
	member Member
	until  time.Time
}

// find returns whose token it is, if it is remembered and has not expired.
func (s *seen) find(raw string, now time.Time) (Member, bool) {
	sum := sha256.Sum256([]byte(raw))
	s.mu.Lock()
	defer s.mu.Unlock()
	found, known := s.young[sum]
	if !known {
		found, known = s.old[sum]
	}
	return found.member, known && now.Before(found.until) && now.Before(found.member.ExpiresAt)
}

func (s *seen) remember(raw string, m Member, now time.Time) {
	sum := sha256.Sum256([]byte(raw))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.young == nil || len(s.young) >= maxSeen {
		s.young, s.old = map[[sha256.Size]byte]sighting{}, s.young
	}
	s.young[sum] = sighting{m, now.Add(rememberFor)}
}
