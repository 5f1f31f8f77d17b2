package token

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// NewSeed makes a fresh key in the form that NewSigner reads.
func NewSeed() string {
	seed := make([]byte, ed25519.SeedSize)
	rand.Read(seed) // never fails: crypto/rand crashes the program instead
	return base64.RawURLEncoding.EncodeToString(seed)
}

// Member signs a token for a member and says when it ends.
func (s *Signer) Member(id, nickname string) (raw string, expires time.Time, err error) {
	expires = s.now().Add(MemberLife).Truncate(time.Second)
	raw, err = s.sign(memberClaims{Name: nickname, RegisteredClaims: s.registered(id, memberAudience, expires)})
	return raw, expires, err
}

// Ticket signs a room ticket, good for TicketLife.
func (s *Signer) Ticket(t Ticket) (string, error) {
	return s.sign(ticketClaims{
		Name: t.Nickname, Room: t.Room, Seat: t.Seat, Generation: t.Generation,
		RegisteredClaims: s.registered(t.MemberID, ticketAudience, s.now().Add(TicketLife)),
	})
}

func (s *Signer) registered(subject, audience string, expires time.Time) jwt.RegisteredClaims {
	return jwt.RegisteredClaims{
		Issuer: issuer, Subject: subject, Audience: jwt.ClaimStrings{audience},
		IssuedAt: jwt.NewNumericDate(s.now()), ExpiresAt: jwt.NewNumericDate(expires),
	}
}

func (s *Signer) sign(claims jwt.Claims) (string, error) {
	key := s.ring.Load().signing(s.now())
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	t.Header["kid"] = key.id
	raw, err := t.SignedString(key.private)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return raw, nil
}

// JWK is one public Ed25519 key, RFC 8037 section 2.
type JWK struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	ID        string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
}

// KeySet is a set of public keys, RFC 7517 section 5.
type KeySet struct {
	Keys []JWK `json:"keys"`
}

func newJWK(pub ed25519.PublicKey) JWK {
	return JWK{
		KeyType: "OKP", Curve: "Ed25519", X: base64.RawURLEncoding.EncodeToString(pub),
		ID: keyID(pub), Use: "sig", Algorithm: "EdDSA",
	}
}

// keyID is the key's JWK thumbprint (RFC 7638, members in the order of RFC 8037
// appendix A.3), so that nobody has to invent names for keys.
func keyID(pub ed25519.PublicKey) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + base64.RawURLEncoding.EncodeToString(pub) + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// public reads the set's Ed25519 keys by id; keys of other kinds are passed over,
// as RFC 7517 section 5 asks.
func (s KeySet) public() (map[string]ed25519.PublicKey, error) {
	keys := make(map[string]ed25519.PublicKey, len(s.Keys))
	for _, k := range s.Keys {
		if k.KeyType != "OKP" || k.Curve != "Ed25519" {
			continue
		}
		x, err := base64.RawURLEncoding.DecodeString(k.X)
		if err != nil || len(x) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("key %q: x must be the base64url of %d octets", k.ID, ed25519.PublicKeySize)
		}
		keys[k.ID] = ed25519.PublicKey(x)
	}
	if len(keys) == 0 {
		return nil, errors.New("key set holds no Ed25519 key")
	}
	return keys, nil
}
