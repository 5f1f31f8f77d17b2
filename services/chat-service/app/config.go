package app

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/token"
)

// Config is everything that chat-service reads from its environment.
type Config struct {
	service.Config

	JWKSURL    string        `env:"JWKS_URL" help:"where match-service publishes its public keys, like http://match:8080/match/.well-known/jwks.json"`
	JWKSEvery  time.Duration `env:"JWKS_EVERY" envDefault:"5m" help:"how often they are read again, at most half of match-service's SIGNING_KEY_AFTER"`
	VerifyKeys string        `env:"VERIFY_KEYS" help:"a JWKS document with public keys known from the start; with it JWKS_URL may be left out"`

	FilesBucket  string        `env:"FILES_BUCKET" help:"S3 bucket for pictures and transcripts; none: no pictures, and nothing is archived"`
	S3Endpoint   string        `env:"S3_ENDPOINT" help:"S3 API of another server than AWS's, as http://host:port"`
	S3Public     string        `env:"S3_PUBLIC_ENDPOINT" help:"the same as browsers reach it, if that is elsewhere"`
	ArchiveAfter time.Duration `env:"ARCHIVE_AFTER" envDefault:"720h" help:"how long nobody spoke in a room whose messages go from the database into the bucket, at least 1h; 0: never"`

	SendRate    float64 `env:"LIMIT_SEND_RATE" envDefault:"10" help:"messages per second and member, three times that at once; 0: no limit"`
	Sessions    int     `env:"LIMIT_SESSIONS" envDefault:"5" help:"sockets per member at a time, on all nodes; 0: no limit"`
	Pictures    int     `env:"LIMIT_PICTURES" envDefault:"30" help:"uploads per minute and member, as many at once; 0: no limit"`
	Connections int     `env:"LIMIT_CONNECTIONS" envDefault:"20000" help:"sockets on this node; 0: no limit"`
	Accepts     int     `env:"LIMIT_ACCEPTS" envDefault:"1000" help:"new sockets per second on this node; 0: no limit"`
	Frames      int     `env:"LIMIT_FRAMES" envDefault:"100" help:"STOMP frames per second and socket, three times that at once; beyond, it is read more slowly; 0: no limit"`
	Memory      int     `env:"LIMIT_MEMORY" envDefault:"80" help:"percent of GOMEMLIMIT, or of the container's memory, above which new sockets are refused; 0: no limit"`
}

// sendBurst is how many seconds' worth of messages a member may send at once (contract).
const sendBurst = 3

// jwksEvery is how often published keys are read again; what is not set has its default.
func (c Config) jwksEvery() time.Duration {
	if c.JWKSEvery > 0 {
		return c.JWKSEvery
	}
	return token.RefreshEvery
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
