// Command chat-service keeps the rooms of Sixseat: who is in them and what was said.
//
//	chat-service serve     serve until SIGTERM (the default)
//	chat-service migrate   bring the database's schema up to date
//	chat-service health    ask the running node on this machine whether it is well
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/service"

	"github.com/sixseat/sixseat/services/chat-service/app"
)

func main() {
	service.Main("chat-service", map[string]service.Verb{"serve": serve, "migrate": migrate, "health": health})
}

func serve(ctx context.Context) (err error) {
	cfg, parts, err := parts(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parts.Close()) }()
	service.SetGCPercent(app.GCPercent)
	a, err := app.New(ctx, cfg, parts)
	if err != nil {
		return err
	}
	return a.Run(ctx)
}

func migrate(ctx context.Context) (err error) {
	cfg, parts, err := parts(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parts.Close()) }()
	if err := app.Migrate(ctx, parts.Dialector); err != nil {
		return fmt.Errorf("cannot migrate PostgreSQL at %s: %w", database.Place(cfg.DatabaseURL), err)
	}
	parts.Log.Info("schema is up to date")
	return nil
}

func health(ctx context.Context) error {
	cfg, err := service.Load[app.Config]()
	if err != nil {
		return err
	}
	return service.CheckHealth(ctx, cfg.Config)
}

func parts(ctx context.Context) (app.Config, app.Parts, error) {
	cfg, err := service.Load[app.Config]()
	if err != nil {
		return cfg, app.Parts{}, err
	}
	log, err := service.NewLogger(os.Stderr, "chat-service", cfg.LogFormat, cfg.LogLevel)
	if err != nil {
		return cfg, app.Parts{}, err
	}
	parts, err := app.Open(ctx, cfg, log)
	return cfg, parts, err
}
