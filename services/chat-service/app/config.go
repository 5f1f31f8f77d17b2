package app

import (
	"encoding/json"
	"fmt"

	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/token"
)

// Config is everything that chat-service reads from its environment.
type Config struct {
	service.Config

	JWKSURL    string  `env:"JWKS_URL" help:"where match-service publishes its public keys, like http://match:8080/match/.well-known/jwks.json"`
	VerifyKeys string  `env:"VERIFY_KEYS" help:"a JWKS document with public keys known from the start; with it JWKS_URL may be left out"`
	SendRate   float64 `env:"LIMIT_SEND_RATE" envDefault:"10" help:"messages per second and member, three times that at once; 0: no limit"`
}

// staticKeys reads VERIFY_KEYS, which may be empty.
func (c Config) staticKeys() (token.Static, error) {
	if c.VerifyKeys == "" {
		if c.JWKSURL == "" {
			return nil, fmt.Errorf("set JWKS_URL or VERIFY_KEYS: without public keys nobody can sign in")
		}
		return nil, nil
	}
	var set token.KeySet
	if err := json.Unmarshal([]byte(c.VerifyKeys), &set); err != nil {
		return nil, fmt.Errorf("VERIFY_KEYS must be a JWKS document: %w", err)
	}
	keys, err := token.NewStatic(set)
	if err != nil {
		return nil, fmt.Errorf("VERIFY_KEYS: %w", err)
	}
	return keys, nil
}
