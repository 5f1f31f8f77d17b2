package token

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/wire"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

func newSigner(tb testing.TB, keys string) *Signer {
	tb.Helper()
	s, err := NewSigner(keys, at(noon))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// verifier knows a signer's keys and has its own clock.
func verifier(tb testing.TB, s *Signer, now time.Time) *Verifier {
	tb.Helper()
	keys, err := NewStatic(s.KeySet())
	if err != nil {
		tb.Fatal(err)
	}
	return NewVerifier(keys, at(now))
}

func someTicket() Ticket {
	room := matchapi.Room{RoomID: "r", MovieID: "m", Title: "Film", CreatedAt: wire.At(noon)}
	for i := 1; i <= matchapi.Seats; i++ {
		room.Seats = append(room.Seats, matchapi.Seat{Seat: i, MemberID: fmt.Sprint("member", i), Nickname: strings.Repeat("\U0001F600", 20)})
	}
	return Ticket{MemberID: "member2", Nickname: "user2", Room: room, Seat: 2, Generation: 3}
}

func memberToken(tb testing.TB, s *Signer) string {
	tb.Helper()
	raw, expires, err := s.Member("member1", "user1")
	if err != nil || !expires.Equal(noon.Add(MemberLife)) {
		tb.Fatal(expires, err)
	}
	return raw
}

func ticketToken(tb testing.TB, s *Signer) string {
	tb.Helper()
	raw, err := s.Ticket(someTicket())
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func TestMember_roundTrip(t *testing.T) {
	s := newSigner(t, NewSeed())
	m, err := verifier(t, s, noon).Member(t.Context(), memberToken(t, s))
	if want := (Member{"member1", "user1", noon.Add(MemberLife)}); err != nil || m.ID != want.ID || m.Nickname != want.Nickname || !m.ExpiresAt.Equal(want.ExpiresAt) {
		t.Errorf("%+v, %v; want %+v", m, err, want)
	}
}

func TestTicket_roundTripOfTheLongest(t *testing.T) {
	s := newSigner(t, NewSeed())
	raw := ticketToken(t, s)
	got, err := verifier(t, s, noon).Ticket(t.Context(), raw)
	if err != nil || !reflect.DeepEqual(got, someTicket()) {
		t.Errorf("%+v, %v", got, err)
	}
	if len(raw) > maxTokenBytes {
		t.Errorf("%d octets, the limit is %d", len(raw), maxTokenBytes)
	}
}

func TestVerifier_audiencesAreNeverTakenForEachOther(t *testing.T) {
	s := newSigner(t, NewSeed())
	for _, now := range []time.Time{noon, noon.Add(48 * time.Hour)} { // expired as well
		v := verifier(t, s, now)
		if _, err := v.Member(t.Context(), ticketToken(t, s)); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a ticket as a member token: %v", err)
		}
		if _, err := v.Renewable(t.Context(), ticketToken(t, s)); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a ticket renewed: %v", err)
		}
		if _, err := v.Ticket(t.Context(), memberToken(t, s)); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a member token as a ticket: %v", err)
		}
	}
}

func TestVerifier_ends(t *testing.T) {
	s := newSigner(t, NewSeed())
	member, ticket := memberToken(t, s), ticketToken(t, s)
	for _, c := range []struct {
		what string
		now  time.Time
		ask  func(*Verifier) error
		ok   bool
	}{
		{"a member token, a second before its end", noon.Add(MemberLife - time.Second), asMember(member), true},
		{"a member token at its end", noon.Add(MemberLife), asMember(member), false},
		{"a member token, a second past it", noon.Add(MemberLife + time.Second), asMember(member), false},
		{"renewed at its end", noon.Add(MemberLife), renewing(member), true},
		{"renewed a second before 30 days past it", noon.Add(MemberLife + RenewGrace - time.Second), renewing(member), true},
		{"renewed a second after 30 days past it", noon.Add(MemberLife + RenewGrace + time.Second), renewing(member), false},
		{"a ticket, a second before its end", noon.Add(TicketLife - time.Second), asTicket(ticket), true},
		{"a ticket, a second past it", noon.Add(TicketLife + time.Second), asTicket(ticket), false},
	} {
		err := c.ask(verifier(t, s, c.now))
		if c.ok && err != nil || !c.ok && !fault.Is(err, fault.TokenExpired) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	if RenewGrace != 30*24*time.Hour || MemberLife != 24*time.Hour || TicketLife != 15*time.Minute {
		t.Error("the contract says 24 h, 15 min and 30 days")
	}
}

func asMember(raw string) func(*Verifier) error {
	return func(v *Verifier) error { _, err := v.Member(context.Background(), raw); return err }
}

func renewing(raw string) func(*Verifier) error {
	return func(v *Verifier) error { _, err := v.Renewable(context.Background(), raw); return err }
}

func asTicket(raw string) func(*Verifier) error {
	return func(v *Verifier) error { _, err := v.Ticket(context.Background(), raw); return err }
}

// Tokens that somebody made who is not match-service, or made wrongly.
func TestVerifier_refusesForgeries(t *testing.T) {
	seed := NewSeed()
	s, stranger := newSigner(t, seed), newSigner(t, NewSeed())
	public := private(s).Public().(ed25519.PublicKey)
	claims := func() jwt.MapClaims {
		return jwt.MapClaims{"iss": issuer, "aud": []string{memberAudience}, "sub": "member1", "name": "user1", "exp": noon.Add(time.Hour).Unix()}
	}
	sign := func(method jwt.SigningMethod, key any, change func(jwt.MapClaims, map[string]any)) string {
		c := claims()
		tok := jwt.NewWithClaims(method, c)
		tok.Header["kid"] = keyID(public)
		if change != nil {
			change(c, tok.Header)
		}
		raw, err := tok.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	ours := func(change func(jwt.MapClaims)) string {
		return sign(jwt.SigningMethodEdDSA, private(s), func(c jwt.MapClaims, _ map[string]any) { change(c) })
	}
	good := sign(jwt.SigningMethodEdDSA, private(s), nil)
	parts := strings.Split(good, ".")
	other := base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"sixseat","aud":["sixseat"],"sub":"admin","exp":9999999999}`))
	v := verifier(t, s, noon)
	if _, err := v.Member(t.Context(), good); err != nil {
		t.Fatal("the good one:", err)
	}
	for what, raw := range map[string]string{
		"nothing":                       "",
		"no token":                      "abc",
		"alg none":                      sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"the public key as a secret":    sign(jwt.SigningMethodHS256, []byte(public), nil),
		"another's key":                 sign(jwt.SigningMethodEdDSA, private(stranger), nil),
		"another's key and its own kid": memberToken(t, stranger),
		"no kid":                        sign(jwt.SigningMethodEdDSA, private(s), func(_ jwt.MapClaims, h map[string]any) { delete(h, "kid") }),
		"a kid that is no string":       sign(jwt.SigningMethodEdDSA, private(s), func(_ jwt.MapClaims, h map[string]any) { h["kid"] = 5 }),
		"other claims, old signature":   parts[0] + "." + other + "." + parts[2],
		"no signature":                  parts[0] + "." + parts[1] + ".",
		"another issuer":                ours(func(c jwt.MapClaims) { c["iss"] = "somebody" }),
		"no issuer":                     ours(func(c jwt.MapClaims) { delete(c, "iss") }),
		"another audience":              ours(func(c jwt.MapClaims) { c["aud"] = "sixseat-admin" }),
		"no audience":                   ours(func(c jwt.MapClaims) { delete(c, "aud") }),
		"no end":                        ours(func(c jwt.MapClaims) { delete(c, "exp") }),
		"no subject":                    ours(func(c jwt.MapClaims) { delete(c, "sub") }),
		"an empty subject":              ours(func(c jwt.MapClaims) { c["sub"] = "" }),
		"expired, of another issuer":    ours(func(c jwt.MapClaims) { c["iss"], c["exp"] = "somebody", noon.Add(-time.Hour).Unix() }),
		"too long":                      good + strings.Repeat("A", maxTokenBytes),
	} {
		if _, err := v.Member(t.Context(), raw); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v, want Unauthenticated", what, err)
		}
	}
}

func TestBearer(t *testing.T) {
	for value, want := range map[string]string{"Bearer abc": "abc", "bearer abc": "abc", "BEARER  abc ": "abc", "": "", "Bearer": "", "Bearer ": "", "Basic abc": "", "abc": ""} {
		got, err := Bearer(value)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", value, got, err, want)
		}
	}
}

func TestSigner_firstKeySignsAllArePublished(t *testing.T) {
	old, coming := NewSeed(), NewSeed()
	both := newSigner(t, old+", "+coming)
	if len(both.KeySet().Keys) != 2 {
		t.Fatal(both.KeySet())
	}
	if _, err := verifier(t, newSigner(t, old), noon).Member(t.Context(), memberToken(t, both)); err != nil {
		t.Error("the first key must sign:", err)
	}
	if _, err := verifier(t, both, noon).Member(t.Context(), memberToken(t, newSigner(t, coming))); err != nil {
		t.Error("the coming key must be known before it signs:", err)
	}
	b, err := json.Marshal(both.KeySet())
	if err != nil || strings.Contains(string(b), old) || strings.Contains(string(b), `"d"`) {
		t.Errorf("the private half is published: %s, %v", b, err)
	}
	for _, bad := range []string{"", "abc", old + ",", old + "x", base64.RawURLEncoding.EncodeToString(make([]byte, 64))} {
		if _, err := NewSigner(bad, at(noon)); err == nil || strings.Contains(err.Error(), old) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestKeyID_isTheThumbprintOfRFC8037(t *testing.T) {
	x, err := base64.RawURLEncoding.DecodeString("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := keyID(x), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"; got != want {
		t.Errorf("got %s, want %s (appendix A.3)", got, want)
	}
}

func TestNewStatic(t *testing.T) {
	good := newSigner(t, NewSeed()).KeySet().Keys[0]
	short, rsa := good, JWK{KeyType: "RSA", ID: "r"}
	short.X = "AAAA"
	if keys, err := NewStatic(KeySet{[]JWK{rsa, good}}); err != nil || len(keys) != 1 {
		t.Errorf("keys of other kinds are passed over: %v, %v", keys, err)
	}
	for _, set := range []KeySet{{}, {[]JWK{rsa}}, {[]JWK{good, short}}} {
		if _, err := NewStatic(set); err == nil {
			t.Errorf("%+v was taken", set)
		}
	}
}

// publisher serves a key set and counts how often it is asked.
type publisher struct {
	*httptest.Server
	asked atomic.Int64
	mu    sync.Mutex // guards set and held
	set   *KeySet    // nil: 500
	held  chan bool  // when set, an answer waits for it
}

func startPublisher(t *testing.T, set KeySet) *publisher {
	p := &publisher{set: &set}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.asked.Add(1)
		p.mu.Lock()
		set, held := p.set, p.held
		p.mu.Unlock()
		if held != nil {
			<-held
		}
		if set == nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		if err := json.NewEncoder(w).Encode(set); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *publisher) publish(set *KeySet) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.set = set
}

// clock is a clock that a test moves.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(noon.UnixNano())
	return c
}

func (c *clock) now() time.Time       { return time.Unix(0, c.at.Load()) }
func (c *clock) pass(d time.Duration) { c.at.Add(int64(d)) }

func private(s *Signer) ed25519.PrivateKey { return s.ring.Load().keys[0].private }

func id(s *Signer) string { return s.KeySet().Keys[0].ID }

func TestRemote_fetchesOnceForAll(t *testing.T) {
	s := newSigner(t, NewSeed())
	p := startPublisher(t, s.KeySet())
	p.held = make(chan bool)
	r := NewRemote(p.URL, RefreshEvery, nil, newClock().now, slog.New(slog.DiscardHandler))
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := r.Key(t.Context(), id(s)); err != nil {
				t.Error(err)
			}
		})
	}
	close(p.held)
	all.Wait()
	if n := p.asked.Load(); n != 1 {
		t.Errorf("asked %d times for 50 callers", n)
	}
}

func TestRemote_unknownIDsAskAtMostEvery30Seconds(t *testing.T) {
	s := newSigner(t, NewSeed())
	p := startPublisher(t, s.KeySet())
	c := newClock()
	r := NewRemote(p.URL, RefreshEvery, nil, c.now, slog.New(slog.DiscardHandler))
	ask := func(id string, kind fault.Kind, asked int64) {
		t.Helper()
		_, err := r.Key(t.Context(), id)
		if kind == fault.Internal && err != nil || kind != fault.Internal && !fault.Is(err, kind) {
			t.Errorf("%s: %v", id, err)
		}
		if got := p.asked.Load(); got != asked {
			t.Errorf("%s: asked %d times so far, want %d", id, got, asked)
		}
	}
	const ok = fault.Internal
	ask(id(s), ok, 1)
	ask("forged 1", fault.Unauthenticated, 1)
	c.pass(refreshAtMost - time.Nanosecond)
	ask("forged 2", fault.Unauthenticated, 1)
	c.pass(time.Nanosecond)
	ask("forged 3", fault.Unauthenticated, 2)
	c.pass(refreshAtMost)
	ask("forged 3", fault.Unauthenticated, 2) // it is remembered
	ask(id(s), ok, 2)

	next := newSigner(t, NewSeed())
	rotated := KeySet{append(s.KeySet().Keys, next.KeySet().Keys...)}
	p.publish(&rotated)
	ask(id(next), ok, 3)
	if refreshAtMost != 30*time.Second {
		t.Error("the design says 30 s")
	}
}

func TestRemote_forgetsUnknownIDsBeyondItsLimit(t *testing.T) {
	r := NewRemote("http://127.0.0.1:1", RefreshEvery, nil, newClock().now, slog.New(slog.DiscardHandler))
	for i := range 3 * maxUnknown {
		r.remember(fmt.Sprint(i))
		if len(r.unknown) > maxUnknown {
			t.Fatalf("%d unknown ids are remembered, the limit is %d", len(r.unknown), maxUnknown)
		}
	}
}

func TestRemote_publisherAwayKeepsTheKeys(t *testing.T) {
	s := newSigner(t, NewSeed())
	p := startPublisher(t, s.KeySet())
	c := newClock()
	r := NewRemote(p.URL, RefreshEvery, nil, c.now, slog.New(slog.DiscardHandler))
	if _, err := r.Key(t.Context(), id(s)); err != nil {
		t.Fatal(err)
	}
	p.publish(nil)
	c.pass(24 * time.Hour)
	if err := r.refresh(t.Context(), always); err == nil {
		t.Error("the publisher answers 500 and nobody noticed")
	}
	if _, err := r.Key(t.Context(), id(s)); err != nil {
		t.Error("the key fetched last:", err)
	}
	p.publish(&KeySet{}) // an empty set is no set
	c.pass(time.Hour)
	if err := r.refresh(t.Context(), always); err == nil {
		t.Error("an empty key set was taken")
	}
	if _, err := r.Key(t.Context(), id(s)); err != nil {
		t.Error("after an empty set:", err)
	}
}

func TestRemote_withoutAnyKeyNobodyCanTell(t *testing.T) {
	s := newSigner(t, NewSeed())
	p := startPublisher(t, s.KeySet())
	p.publish(nil)
	c := newClock()
	r := NewRemote(p.URL, RefreshEvery, nil, c.now, slog.New(slog.DiscardHandler))
	for range 3 {
		if _, err := r.Key(t.Context(), id(s)); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%v, want Unavailable: the token may be good", err)
		}
	}
	if err := r.Ready(t.Context()); err == nil {
		t.Error("ready without any key")
	}
	if n := p.asked.Load(); n != 1 {
		t.Errorf("asked %d times within a second", n)
	}
	keys := s.KeySet()
	p.publish(&keys)
	c.pass(retryAfterFailure)
	if _, err := r.Key(t.Context(), id(s)); err != nil {
		t.Error("once the publisher is back:", err)
	}
	if err := r.Ready(t.Context()); err != nil {
		t.Error("ready:", err)
	}
}

func TestRemote_startsWithConfiguredKeys(t *testing.T) {
	s := newSigner(t, NewSeed())
	static, err := NewStatic(s.KeySet())
	if err != nil {
		t.Fatal(err)
	}
	r := NewRemote("http://127.0.0.1:1", RefreshEvery, static, newClock().now, slog.New(slog.DiscardHandler))
	if _, err := r.Key(t.Context(), id(s)); err != nil {
		t.Error(err)
	}
}

func TestRemote_keepsConfiguredKeysBesideThePublishedOnes(t *testing.T) {
	configured, published := newSigner(t, NewSeed()), newSigner(t, NewSeed())
	static, err := NewStatic(configured.KeySet())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := json.NewEncoder(w).Encode(published.KeySet()); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	r := NewRemote(server.URL, RefreshEvery, static, newClock().now, slog.New(slog.DiscardHandler))

	for _, s := range []*Signer{published, configured} { // the first of them asks the publisher
		if _, err := r.Key(t.Context(), id(s)); err != nil {
			t.Error(err)
		}
	}
}

// Whoever asked first may give up; the others get the answer all the same.
func TestRemote_oneWhoGivesUpDoesNotSpoilTheFetch(t *testing.T) {
	s := newSigner(t, NewSeed())
	p := startPublisher(t, s.KeySet())
	r := NewRemote(p.URL, RefreshEvery, nil, newClock().now, slog.New(slog.DiscardHandler))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Key(gone, id(s)); err != nil {
		t.Error(err)
	}
}
