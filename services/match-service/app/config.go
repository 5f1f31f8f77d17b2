package app

import "github.com/sixseat/sixseat/pkg/service"

// Config is all that match-service reads from its environment.
type Config struct {
	service.Config
	SigningKey string `env:"SIGNING_KEY" help:"Ed25519 seeds, base64url, comma list: the first signs tokens, all are published"`
}
