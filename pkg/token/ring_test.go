package token

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
)

// rotating is a signer whose clock a test moves, and whoever verifies with what it publishes.
type rotating struct {
	*testing.T
	*clock
	*Signer
}

func newRotating(t *testing.T, keys string) *rotating {
	t.Helper()
	c := newClock()
	s, err := NewSigner(keys, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return &rotating{t, c, s}
}

func (r *rotating) rotate(keys string) {
	r.Helper()
	if err := r.Rotate(keys, r.clock.now(), PublishedFirst); err != nil {
		r.Fatal(err)
	}
}

func (r *rotating) published(seeds ...string) {
	r.Helper()
	var got, want []string
	for _, k := range r.KeySet().Keys {
		got = append(got, k.ID)
	}
	for _, seed := range seeds {
		want = append(want, id(newSigner(r.T, seed)))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		r.Errorf("published are %v, want %v", got, want)
	}
}

// signs wants the next token to be signed with the key of this seed, and good.
func (r *rotating) signs(seed string) (raw string) {
	r.Helper()
	raw, _, err := r.Member("member1", "user1")
	if err != nil {
		r.Fatal(err)
	}
	if _, err := NewVerifier(newSigner(r.T, seed), r.clock.now).Member(r.Context(), raw); err != nil {
		r.Errorf("another key signs: %v", err)
	}
	if _, err := NewVerifier(r.Signer, r.clock.now).Member(r.Context(), raw); err != nil {
		r.Errorf("the signer does not know its own token: %v", err)
	}
	return raw
}

func TestRotate_aNewKeyIsPublishedBeforeItSigns(t *testing.T) {
	old, fresh := NewSeed(), NewSeed()
	r := newRotating(t, old)
	r.rotate(fresh)

	r.published(old, fresh)
	r.pass(PublishedFirst - time.Nanosecond)
	r.signs(old)
	r.pass(time.Nanosecond)
	r.signs(fresh)
}

func TestRotate_anOldKeyIsPublishedUntilItsTokensAreOver(t *testing.T) {
	old, fresh := NewSeed(), NewSeed()
	r := newRotating(t, old)
	r.rotate(fresh)
	r.pass(PublishedFirst - time.Nanosecond)
	last := r.signs(old)

	r.pass(MemberLife - time.Second) // ends of tokens are whole seconds
	if _, err := NewVerifier(r.Signer, r.clock.now).Member(t.Context(), last); err != nil {
		t.Error("the last token of the old key must be good for as long as any:", err)
	}
	r.pass(RenewGrace)
	if _, err := NewVerifier(r.Signer, r.clock.now).Renewable(t.Context(), last); err != nil {
		t.Error("and renewable for as long:", err)
	}
	r.pass(time.Second + time.Nanosecond)
	r.published(fresh)
	if _, err := NewVerifier(r.Signer, r.clock.now).Renewable(t.Context(), last); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("the old key is still taken: %v", err)
	}
	r.signs(fresh)
}

func TestRotate_aKeyThatWasPublishedLongAgoSignsAtOnce(t *testing.T) {
	old, coming := NewSeed(), NewSeed()
	r := newRotating(t, old+","+coming)
	r.rotate(coming + "," + old)
	r.signs(coming)

	r.rotate(old) // a rotation that was taken back
	r.signs(old)
	r.published(old, coming)
}

func TestRotate_twiceInTenMinutesThrowsNobodyOut(t *testing.T) {
	first, second, third := NewSeed(), NewSeed(), NewSeed()
	r := newRotating(t, first)
	token := r.signs(first)
	r.rotate(second)
	r.pass(PublishedFirst / 2)
	r.rotate(third)

	r.published(first, second, third)
	r.pass(PublishedFirst / 2)
	r.signs(first) // third is published for five minutes
	r.pass(PublishedFirst / 2)
	r.signs(third)
	if _, err := NewVerifier(r.Signer, r.clock.now).Member(t.Context(), token); err != nil {
		t.Error(err)
	}
}

func TestRotate_theSameListChangesNothing(t *testing.T) {
	old, fresh := NewSeed(), NewSeed()
	r := newRotating(t, old)
	r.rotate(fresh)
	r.pass(PublishedFirst)
	r.rotate(fresh)

	r.signs(fresh)
	r.pass(MemberLife + RenewGrace)
	r.published(fresh)
}

// A node that starts after a rotation does what those do that saw it.
func TestRotate_aNodeThatStartsLaterAgrees(t *testing.T) {
	old, fresh := NewSeed(), NewSeed()
	changed := noon.Add(-PublishedFirst / 2)
	r := newRotating(t, old)
	if err := r.Rotate(fresh, changed, PublishedFirst); err != nil {
		t.Fatal(err)
	}
	r.signs(old)
	r.pass(PublishedFirst / 2)
	r.signs(fresh)
	if next, at := r.Next(); next != id(newSigner(t, fresh)) || !at.Equal(changed.Add(PublishedFirst)) {
		t.Errorf("next is %s at %v", next, at)
	}
}

func TestRotate_aListThatCannotBeReadChangesNothing(t *testing.T) {
	old := NewSeed()
	r := newRotating(t, old)
	for _, bad := range []string{"", "short", old + ","} {
		if err := r.Rotate(bad, r.clock.now(), PublishedFirst); err == nil {
			t.Errorf("%q was taken", bad)
		}
		r.published(old)
		r.signs(old)
	}
}

func TestRotate_whileOthersSign(t *testing.T) {
	r := newRotating(t, NewSeed())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			verifier := NewVerifier(r.Signer, r.clock.now)
			for range 100 {
				raw, _, err := r.Member("member1", "user1")
				if err != nil {
					t.Error(err)
				}
				if _, err := verifier.Member(t.Context(), raw); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 50 {
		r.rotate(NewSeed())
		r.pass(PublishedFirst)
	}
	all.Wait()
}
