package token

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Signer signs tokens with one of its keys and publishes all of them. It is safe for
// concurrent use; Rotate gives it other keys while it signs.
type Signer struct {
	now  func() time.Time
	ring atomic.Pointer[ring]
}

// ring is what a Signer holds at a time; it is never changed, but replaced.
type ring struct {
	keys []heldKey // published
	// current signs until the moment at which next does.
	current, next heldKey
	at            time.Time
}

type heldKey struct {
	private ed25519.PrivateKey
	id      string
	since   time.Time // when it was published first; zero: for as long as it matters
	until   time.Time // when its last token is over; zero while it is listed
}

// NewSigner reads a comma list of keys, each the base64url of an Ed25519 seed
// (32 octets, RFC 8032). The first signs; the others are published only, so that a
// coming key is known everywhere before it signs and an old one while its tokens live.
func NewSigner(keys string, now func() time.Time) (*Signer, error) {
	listed, err := readKeys(keys, time.Time{})
	if err != nil {
		return nil, err
	}
	s := &Signer{now: now}
	s.ring.Store(&ring{keys: listed, current: listed[0], next: listed[0]})
	return s, nil
}

// Rotate takes over another list, seen first at since. Its first key signs once it has been
// published for the time first; until then the one of before does. What is no longer
// listed is published on until the last token that it signed can be neither shown nor
// renewed. A list that cannot be read changes nothing. It must not run twice at a time.
func (s *Signer) Rotate(keys string, since time.Time, first time.Duration) error {
	listed, err := readKeys(keys, since)
	if err != nil {
		return err
	}
	now, old := s.now(), s.ring.Load()
	fresh := &ring{current: old.signing(now)}
	for _, key := range listed {
		if i := old.find(key.id); i >= 0 {
			key.since = old.keys[i].since
		}
		fresh.keys = append(fresh.keys, key)
	}
	fresh.next, fresh.at = fresh.keys[0], fresh.keys[0].since.Add(first)
	for _, key := range old.published(now) {
		if fresh.find(key.id) >= 0 {
			continue
		}
		if key.until.IsZero() {
			key.until = since.Add(first + MemberLife + RenewGrace)
		}
		fresh.keys = append(fresh.keys, key)
	}
	s.ring.Store(fresh)
	return nil
}

// Next is the id of the key that signs next, and when its turn is; a time that has passed
// says that it signs.
func (s *Signer) Next() (id string, at time.Time) {
	r := s.ring.Load()
	return r.next.id, r.at
}

// Key finds a published key by its id.
func (s *Signer) Key(_ context.Context, id string) (ed25519.PublicKey, error) {
	for _, key := range s.ring.Load().published(s.now()) {
		if key.id == id {
			return key.public(), nil
		}
	}
	return nil, unknownKey(id)
}

// KeySet is the public half of all keys, to be published.
func (s *Signer) KeySet() KeySet {
	var set KeySet
	for _, key := range s.ring.Load().published(s.now()) {
		set.Keys = append(set.Keys, newJWK(key.public()))
	}
	return set
}

func (r *ring) signing(now time.Time) heldKey {
	if now.Before(r.at) {
		return r.current
	}
	return r.next
}

func (r *ring) published(now time.Time) []heldKey {
	return slices.DeleteFunc(slices.Clone(r.keys), func(k heldKey) bool { return !k.until.IsZero() && !now.Before(k.until) })
}

func (r *ring) find(id string) int {
	return slices.IndexFunc(r.keys, func(k heldKey) bool { return k.id == id })
}

func (k heldKey) public() ed25519.PublicKey { return k.private.Public().(ed25519.PublicKey) }

// readKeys reads a comma list of keys that are published since then. Its errors say which
// key is wrong, and nothing of it.
func readKeys(list string, since time.Time) ([]heldKey, error) {
	var keys []heldKey
	for i, text := range strings.Split(list, ",") {
		seed, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil || len(seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("signing key %d must be the base64url of %d octets", i+1, ed25519.SeedSize)
		}
		key := heldKey{private: ed25519.NewKeyFromSeed(seed), since: since}
		key.id = keyID(key.public())
		keys = append(keys, key)
	}
	return keys, nil
}
