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

func TestSeen_forgetsBeyondItsLimit(t *testing.T) {
	var s seen
	for i := range maxSeen + 1 {
		s.remember(fmt.Sprint(i), Member{ID: "m", ExpiresAt: noon.Add(time.Hour)}, noon)
	}
	if len(s.tokens) != 1 {
		t.Errorf("%d tokens are remembered", len(s.tokens))
	}
}
