package token

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
)

// withdrawn are keys that can be taken away; asked counts verifications.
type withdrawn struct {
	Keys
	gone  bool
	asked int
}

func (w *withdrawn) Key(ctx context.Context, id string) (ed25519.PublicKey, error) {
	w.asked++
	if w.gone {
		return nil, unknownKey(id)
	}
	return w.Keys.Key(ctx, id)
}

func seeing(t *testing.T, s *Signer) (*Verifier, *withdrawn, *time.Time) {
	t.Helper()
	static, err := NewStatic(s.KeySet())
	if err != nil {
		t.Fatal(err)
	}
	keys, now := &withdrawn{Keys: static}, noon
	return NewVerifier(keys, func() time.Time { return now }), keys, &now
}

func TestVerifier_remembersATokenButNotForLong(t *testing.T) {
	s := newSigner(t, NewSeed())
	raw := memberToken(t, s)
	v, keys, now := seeing(t, s)
	first, err := v.Member(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	keys.gone = true
	*now = noon.Add(rememberFor - time.Nanosecond)
	if m, err := v.Member(t.Context(), raw); err != nil || m != first || keys.asked != 1 {
		t.Errorf("%+v, %v, verified %d times; want %+v from memory", m, err, keys.asked, first)
	}
	if _, err := v.Member(t.Context(), raw[:len(raw)-1]); !fault.Is(err, fault.Unauthenticated) {
		t.Error("another token:", err)
	}
	*now = noon.Add(rememberFor)
	if _, err := v.Member(t.Context(), raw); !fault.Is(err, fault.Unauthenticated) {
		t.Error("once its key is withdrawn:", err)
	}
}

func TestVerifier_remembersNoTokenPastItsEnd(t *testing.T) {
	s := newSigner(t, NewSeed())
	raw := memberToken(t, s)
	v, _, now := seeing(t, s)
	*now = noon.Add(MemberLife - time.Second)
	if _, err := v.Member(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	*now = noon.Add(MemberLife)
	if _, err := v.Member(t.Context(), raw); !fault.Is(err, fault.TokenExpired) {
		t.Error(err)
	}
}

func TestVerifier_knowsWhatWasIssuedHereJustAsLong(t *testing.T) {
	s := newSigner(t, NewSeed())
	raw, expires, err := s.Member("id", "Ada")
	if err != nil {
		t.Fatal(err)
	}
	v, keys, now := seeing(t, s)
	v.Issued(raw, Member{ID: "id", Nickname: "Ada", ExpiresAt: expires})
	issued, err := v.Member(t.Context(), raw)
	if err != nil || keys.asked != 0 {
		t.Errorf("%v, verified %d times, want none", err, keys.asked)
	}
	*now = noon.Add(rememberFor)
	verified, err := v.Member(t.Context(), raw)
	if err != nil || keys.asked != 1 || verified.ID != issued.ID || verified.Nickname != issued.Nickname || !verified.ExpiresAt.Equal(issued.ExpiresAt) {
		t.Errorf("%+v, %v, verified %d times; want %+v, once", verified, err, keys.asked, issued)
	}
}

func TestSeen_forgetsTheOldestBeyondItsLimit(t *testing.T) {
	var s seen
	const all = 5 * maxSeen / 2
	for i := range all {
		s.remember(fmt.Sprint(i), Member{ID: "m", ExpiresAt: noon.Add(time.Hour)}, noon)
	}
	if n := len(s.young) + len(s.old); n > 2*maxSeen {
		t.Errorf("%d tokens are remembered, at most %d should be", n, 2*maxSeen)
	}
	for i, want := range map[int]bool{0: false, maxSeen - 1: false, all - maxSeen: true, all - 1: true} {
		if _, known := s.find(fmt.Sprint(i), noon); known != want {
			t.Errorf("token %d of %d is remembered: %t", i+1, all, known)
		}
	}
}
