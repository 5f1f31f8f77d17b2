package app

import (
	"time"

	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// Config is all that match-service reads from its environment.
type Config struct {
	service.Config
	SigningKey      string        `env:"SIGNING_KEY" help:"Ed25519 seeds, base64url, comma list: the first signs tokens, all are published; aws-sm://name#field: from AWS Secrets Manager, where it may change at any time"`
	SigningKeyAfter time.Duration `env:"SIGNING_KEY_AFTER" envDefault:"10m" help:"how long a key that is new in Secrets Manager is published before it signs; the secret is read ten times as often"`
	FilesOrigin     string        `env:"FILES_ORIGIN" help:"where the page puts pictures and finds them, as https://host; none: nowhere"`
	AlsoAfter       time.Duration `env:"ALSO_AFTER" envDefault:"30s" help:"when second choices (alsoMovieIds, up to 4) begin to count"`
	NoShowAfter     time.Duration `env:"NO_SHOW_AFTER" envDefault:"20s" help:"when a seat that nobody entered is offered to the next, which takes up to 5s more"`
	LimitJoins      int           `env:"LIMIT_JOINS" envDefault:"30" help:"queue joins per minute and member; 0: no limit"`
	LimitStreams    int           `env:"LIMIT_STREAMS" envDefault:"4" help:"event streams per member at a time; 0: no limit"`
	LimitMembers    int           `env:"LIMIT_MEMBERS_PER_ADDRESS" envDefault:"30" help:"new members per minute and client address; 0: no limit"`
}

// timing are the times of a wait; what is not set has its default.
func (c Config) timing() match.Limits {
	l := match.DefaultLimits()
	if c.AlsoAfter > 0 {
		l.AlsoAfter = c.AlsoAfter
	}
	if c.NoShowAfter > 0 {
		l.NoShowAfter = c.NoShowAfter
	}
	return l
}

// keyAfter is how long a new key is published before it signs; not set is the default.
func (c Config) keyAfter() time.Duration {
	if c.SigningKeyAfter > 0 {
		return c.SigningKeyAfter
	}
	return token.PublishedFirst
}
