package app

import (
	"context"
	"errors"
	"log/slog"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/awssecrets"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/drain"
	"github.com/sixseat/sixseat/pkg/redisconn"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/services/match-service/internal/store"
)

// Parts are the stores of the service. Whoever makes them chooses: PostgreSQL and Redis
// in production, embedded ones where all is one process. New takes them over.
type Parts struct {
	Dialector gorm.Dialector
	Redis     redis.UniversalClient
	Notice    service.DrainNotice // tells when the load balancer drains this node; may be nil
	Log       *slog.Logger
}

// Open reaches the stores of the configuration: DATABASE_URL and REDIS_URL. An error is
// one line that names who did not answer and what to do.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (Parts, error) {
	rdb, err := redisconn.Open(cfg.RedisURL, log)
	if err != nil {
		return Parts{}, err
	}
	password, err := awssecrets.Password(ctx, cfg.DatabasePassword, log)
	if err != nil {
		return Parts{}, errors.Join(err, rdb.Close())
	}
	notice, err := drain.Notice(ctx, cfg.Config)
	if err != nil {
		return Parts{}, errors.Join(err, rdb.Close())
	}
	parts := Parts{Redis: rdb, Notice: notice, Log: log}
	var g errgroup.Group
	g.Go(func() (err error) { parts.Dialector, err = database.Reach(ctx, cfg.DatabaseURL, password); return err })
	g.Go(func() error { return redisconn.Reach(ctx, rdb) })
	if err := g.Wait(); err != nil {
		return Parts{}, errors.Join(err, rdb.Close())
	}
	return parts, nil
}

// Migrate brings the schema up to date and imports the films.
func Migrate(ctx context.Context, d gorm.Dialector) error { return store.Migrate(ctx, d) }
