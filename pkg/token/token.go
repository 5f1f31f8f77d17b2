// Package token signs and verifies what members show: member tokens (who I am) and
// room tickets (this seat is mine). Both are JWTs signed with Ed25519 (RFC 7519,
// RFC 8037); the audience keeps one from being taken for the other.
//
// match-service alone holds a Signer. Both services hold a Verifier, over public keys
// from configuration or from match-service's JWKS (RFC 7517).
package token

import (
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

const (
	issuer         = "sixseat"
	memberAudience = "sixseat"
	ticketAudience = "sixseat-chat"
)

// Member is who a member token speaks of.
type Member struct {
	ID        string
	Nickname  string
	ExpiresAt time.Time
}

// Ticket is a seat in a room, held by a member. Generation counts how often the seat
// was given on: a higher one displaces only a seat that nobody entered.
type Ticket struct {
	MemberID   string
	Nickname   string
	Room       matchapi.Room
	Seat       int
	Generation int
}

type memberClaims struct {
	Name string `json:"name"`
	jwt.RegisteredClaims
}

type ticketClaims struct {
	Name       string        `json:"name"`
	Room       matchapi.Room `json:"room"`
	Seat       int           `json:"seat"`
	Generation int           `json:"generation"`
	jwt.RegisteredClaims
}
