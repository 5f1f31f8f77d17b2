package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/services/match-service/internal/store"
)

const (
	// openTimeout bounds Open: a service that cannot reach its stores says so within 10 s.
	openTimeout = 8 * time.Second

	// redisTimeout bounds one attempt of anything on Redis. A step takes a millisecond;
	// after this Redis counts as away.
	redisTimeout = 2 * time.Second

	// redisConns is how many steps a node has under way at once. Redis runs one at a time.
	redisConns = 32
)

// Parts are the stores of the service. Whoever makes them chooses: PostgreSQL and Redis
// in production, embedded ones where all is one process. New takes them over.
type Parts struct {
	Dialector gorm.Dialector
	Redis     redis.UniversalClient
	Log       *slog.Logger
}

// Open reaches the stores of the configuration: DATABASE_URL and REDIS_URL. An error is
// one line that names who did not answer and what to do.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (Parts, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	dialector, err := database.Postgres(cfg.DatabaseURL)
	if err != nil {
		return Parts{}, err
	}
	redis.SetLogger(redisLog{log})
	rdb, err := newRedis(cfg.RedisURL)
	if err != nil {
		return Parts{}, err
	}
	var g errgroup.Group
	g.Go(func() error { return reachDatabase(ctx, cfg.DatabaseURL, dialector) })
	g.Go(func() error { return reachRedis(ctx, rdb) })
	if err := g.Wait(); err != nil {
		return Parts{}, errors.Join(err, rdb.Close())
	}
	return Parts{Dialector: dialector, Redis: rdb, Log: log}, nil
}

// Migrate brings the schema up to date and imports the films.
func Migrate(ctx context.Context, d gorm.Dialector) error { return store.Migrate(ctx, d) }

func newRedis(url string) (*redis.Client, error) {
	if url == "" {
		return nil, errors.New("REDIS_URL is not set: give it as redis://host:6379/0, or rediss:// for TLS")
	}
	opt, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	opt.DialTimeout, opt.ReadTimeout, opt.WriteTimeout = redisTimeout, redisTimeout, redisTimeout
	opt.PoolTimeout, opt.PoolSize = redisTimeout, redisConns
	opt.ContextTimeoutEnabled = true
	opt.DialerRetries = 1
	opt.MaxRetries = 1 // every step may run twice; while Redis is away callers should know soon
	// Its handshake asks for what only one vendor's servers have.
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return redis.NewClient(opt), nil
}

func reachDatabase(ctx context.Context, url string, d gorm.Dialector) error {
	if _, err := database.Connect(ctx, d); err != nil {
		return fmt.Errorf("PostgreSQL at %s cannot be reached: start it, or correct DATABASE_URL (%s)", database.Place(url), oneLine(err))
	}
	return nil
}

func reachRedis(ctx context.Context, rdb *redis.Client) error {
	if err := rdb.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("Redis at %s cannot be reached: start it, or correct REDIS_URL (%s)", rdb.Options().Addr, oneLine(err))
	}
	return nil
}

// oneLine flattens errors that drivers spread over several lines.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// redisLog takes what the client would print to stderr by itself. Callers get every
// error, so it is for debugging alone.
type redisLog struct{ log *slog.Logger }

func (l redisLog) Printf(_ context.Context, format string, args ...any) {
	l.log.Debug("redis client", "message", fmt.Sprintf(format, args...))
}
