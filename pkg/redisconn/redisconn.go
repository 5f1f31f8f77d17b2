// Package redisconn opens the Redis that both services use, with limits on every wait:
// a step that Redis does not answer must fail soon, because its caller is a person.
package redisconn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	// timeout bounds connecting, and one question and its answer. Redis answers within a
	// millisecond; after this it counts as away.
	timeout = 2 * time.Second

	// conns is how many connections a node keeps: each has one step under way at
	// a time, and Redis runs one at a time anyway.
	conns = 32
)

// Open makes a client for a URL like redis://host:6379/0, or rediss:// for TLS. It
// connects to nothing yet.
func Open(url string, log *slog.Logger) (*redis.Client, error) {
	if url == "" {
		return nil, errors.New("REDIS_URL is not set: give it as redis://host:6379/0, or rediss:// for TLS")
	}
	opt, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	opt.DialTimeout, opt.ReadTimeout, opt.WriteTimeout = timeout, timeout, timeout
	opt.PoolTimeout, opt.PoolSize = timeout, conns
	opt.ContextTimeoutEnabled = true
	opt.DialerRetries, opt.MaxRetries = 1, 1 // while Redis is away callers should know soon
	// The handshake would ask for what only one vendor's servers have.
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	redis.SetLogger(quiet{log})
	return redis.NewClient(opt), nil
}

// Reach asks whether Redis answers. Its error is one line that names the host and says
// what to do.
func Reach(ctx context.Context, client *redis.Client) error {
	if err := client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("cannot reach Redis at %s: start it, or correct REDIS_URL (%s)",
			client.Options().Addr, strings.Join(strings.Fields(err.Error()), " "))
	}
	return nil
}

// quiet takes what the client would print to stderr by itself. Callers get every error,
// so it is for debugging alone.
type quiet struct{ log *slog.Logger }

// Printf implements the client's logger.
func (q quiet) Printf(_ context.Context, format string, args ...any) {
	q.log.Debug("redis client", "message", fmt.Sprintf(format, args...))
}
