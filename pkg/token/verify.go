package token

import (
	"context"
	"crypto/ed25519"
	"crypto/subtle"
	"encoding/base64"
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
	err := v.read(ctx, raw, claims, audience, leeway)
	if err != nil {
		return refusal(err)
	}
	if subject, err := claims.GetSubject(); err != nil || subject == "" {
		return fault.New(fault.Unauthenticated, "The token names no member.")
	}
	return nil
}

// read decodes a token, then checks its signature, then what it claims.
func (v *Verifier) read(ctx context.Context, raw string, claims jwt.Claims, audience string, leeway time.Duration) error {
	t, parts, err := jwt.NewParser().ParseUnverified(raw, claims)
	if err != nil {
		return err
	}
	if t.Method != jwt.SigningMethodEdDSA {
		return jwt.ErrTokenUnverifiable
	}
	id, _ := t.Header["kid"].(string)
	if err := v.verify(ctx, id, raw[:len(raw)-len(parts[2])-1], parts[2]); err != nil {
		return err
	}
	return jwt.NewValidator(jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithExpirationRequired(),
		jwt.WithLeeway(leeway), jwt.WithTimeFunc(v.now)).Validate(claims)
}

// verify checks the signature of a text by the key with this id. Whoever has the private
// key signs the text again, which is half the work: Ed25519 makes the same signature each
// time (RFC 8032 section 5.1.6).
func (v *Verifier) verify(ctx context.Context, id, text, signature string) error {
	got, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		return err
	}
	good := false
	if signer, own := v.keys.(*Signer); own {
		private, err := signer.private(id)
		if err != nil {
			return err
		}
		good = subtle.ConstantTimeCompare(ed25519.Sign(private, []byte(text)), got) == 1
	} else {
		public, err := v.keys.Key(ctx, id)
		if err != nil {
			return err
		}
		good = ed25519.Verify(public, []byte(text), got)
	}
	if !good {
		return jwt.ErrTokenSignatureInvalid
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
