package token

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Keys finds the public key that a token names. An id that nobody published is a
// fault of kind Unauthenticated; keys that cannot be had now are Unavailable.
type Keys interface {
	Key(ctx context.Context, id string) (ed25519.PublicKey, error)
}

// Verifier reads tokens and refuses all that are not exactly right.
type Verifier struct {
	keys Keys
	now  func() time.Time
	seen seen
}

// NewVerifier makes a Verifier over keys.
func NewVerifier(keys Keys, now func() time.Time) *Verifier {
	return &Verifier{keys: keys, now: now}
}

// Member verifies a member token. Past its end it is fault.TokenExpired, wrong in any
// other way fault.Unauthenticated.
func (v *Verifier) Member(ctx context.Context, raw string) (Member, error) {
	if m, known := v.seen.find(raw, v.now()); known {
		return m, nil
	}
	m, err := v.member(ctx, raw, 0)
	if err == nil {
		v.seen.remember(raw, m, v.now())
	}
	return m, err
}

// Issued remembers a token that this process has just signed for m, who will show it next.
func (v *Verifier) Issued(raw string, m Member) { v.seen.remember(raw, m, v.now()) }

// Renewable verifies a member token that may be up to RenewGrace past its end.
func (v *Verifier) Renewable(ctx context.Context, raw string) (Member, error) {
	return v.member(ctx, raw, RenewGrace)
}

func (v *Verifier) member(ctx context.Context, raw string, leeway time.Duration) (Member, error) {
	var c memberClaims
	if err := v.parse(ctx, raw, &c, memberAudience, leeway); err != nil {
		return Member{}, err
	}
	return Member{ID: c.Subject, Nickname: c.Name, ExpiresAt: c.ExpiresAt.Time}, nil
}

// Ticket verifies a room ticket, with the same errors as Member.
func (v *Verifier) Ticket(ctx context.Context, raw string) (Ticket, error) {
	var c ticketClaims
	if err := v.parse(ctx, raw, &c, ticketAudience, 0); err != nil {
		return Ticket{}, err
	}
	return Ticket{MemberID: c.Subject, Nickname: c.Name, Room: c.Room, Seat: c.Seat, Generation: c.Generation}, nil
}

func (v *Verifier) parse(ctx context.Context, raw string, claims jwt.Claims, audience string, leeway time.Duration) error {
	if len(raw) > maxTokenBytes {
		return fault.New(fault.Unauthenticated, "The token is too long.")
	}
	_, err := jwt.ParseWithClaims(raw, claims,
		func(t *jwt.Token) (any, error) {
			id, _ := t.Header["kid"].(string)
			return v.keys.Key(ctx, id)
		},
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithIssuer(issuer), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithLeeway(leeway), jwt.WithTimeFunc(v.now))
	if err != nil {
		return refusal(err)
	}
	if subject, err := claims.GetSubject(); err != nil || subject == "" {
		return fault.New(fault.Unauthenticated, "The token names no member.")
	}
	return nil
}

// refusal tells an honest but late token from a bad one. "Expired" counts only where
// nothing else is wrong, so that a token for another audience is never called expired.
func refusal(err error) error {
	var known *fault.Error
	onlyExpired := errors.Is(err, jwt.ErrTokenExpired) &&
		!errors.Is(err, jwt.ErrTokenInvalidAudience) && !errors.Is(err, jwt.ErrTokenInvalidIssuer)
	switch {
	case errors.As(err, &known):
		return known
	case onlyExpired:
		return fault.New(fault.TokenExpired, "The token has expired.").Wrap(err)
	}
	return fault.New(fault.Unauthenticated, "The token is not valid.").Wrap(err)
}

// Bearer takes the token out of an Authorization value (RFC 6750 section 2.1).
func Bearer(authorization string) (string, error) {
	scheme, raw, found := strings.Cut(authorization, " ")
	raw = strings.TrimSpace(raw)
	if !found || !strings.EqualFold(scheme, "Bearer") || raw == "" {
		return "", fault.New(fault.Unauthenticated, "Send your member token as Authorization: Bearer <token>.")
	}
	return raw, nil
}

// FromRequest verifies the member token of an HTTP request.
func (v *Verifier) FromRequest(r *http.Request) (Member, error) {
	raw, err := Bearer(r.Header.Get("Authorization"))
	if err != nil {
		return Member{}, err
	}
	return v.Member(r.Context(), raw)
}
