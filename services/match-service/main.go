// Command match-service seats members who wait for the same film, six to a room.
//
//	match-service [serve]   serve until SIGTERM, then drain
//	match-service migrate   bring the database up to date and import the films
//	match-service health    ask the running process, for container health checks
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/sixseat/sixseat/pkg/awssecrets"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/services/match-service/app"
)

func main() {
	service.Main("match-service", map[string]service.Verb{"serve": serve, "migrate": migrate, "health": health})
}

func serve(ctx context.Context) (err error) {
	cfg, log, err := configure()
	if err != nil {
		return err
	}
	parts, err := app.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	service.SetGCPercent(app.GCPercent)
	a, err := app.New(ctx, cfg, parts)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := a.Close(); err == nil {
			err = cerr
		}
	}()
	return a.Run(ctx)
}

func migrate(ctx context.Context) error {
	cfg, log, err := configure()
	if err != nil {
		return err
	}
	password, err := awssecrets.Password(ctx, cfg.DatabasePassword, log)
	if err != nil {
		return err
	}
	d, err := database.PostgresAs(cfg.DatabaseURL, password)
	if err != nil {
		return err
	}
	if err := app.Migrate(ctx, d); err != nil {
		return fmt.Errorf("migrate %s: %w", database.Place(cfg.DatabaseURL), err)
	}
	log.Info("migrated", "database", database.Place(cfg.DatabaseURL))
	return nil
}

func health(ctx context.Context) error {
	cfg, err := service.Load[app.Config]()
	if err != nil {
		return err
	}
	return service.CheckHealth(ctx, cfg.Config)
}

func configure() (app.Config, *slog.Logger, error) {
	cfg, err := service.Load[app.Config]()
	if err != nil {
		return cfg, nil, err
	}
	log, err := service.NewLogger(os.Stderr, "match-service", cfg.LogFormat, cfg.LogLevel)
	return cfg, log, err
}
