package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"gorm.io/gorm"
)

// Migrations are a service's numbered .sql files (goose format): below Dir a folder
// postgres and a folder sqlite, each with all of them.
type Migrations struct {
	Files fs.FS
	Dir   string
}

// Migrate brings the schema of db up to date, each file in a transaction of its own.
// Nodes that migrate at the same time wait for one another (PostgreSQL advisory lock).
func (m Migrations) Migrate(ctx context.Context, db *gorm.DB) error {
	p, err := m.provider(db)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// check refuses a schema that lacks a migration, within connectTimeout.
func (m Migrations) check(ctx context.Context, db *gorm.DB) error {
	p, err := m.provider(db)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if have < want {
		return fmt.Errorf("the database schema is at version %d and this program needs %d: run the verb migrate first", have, want)
	}
	return nil
}

func (m Migrations) provider(db *gorm.DB) (*goose.Provider, error) {
	conn, err := db.DB()
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	files, err := fs.Sub(m.Files, path.Join(m.Dir, db.Name()))
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	dialect, options := goose.DialectSQLite3, []goose.ProviderOption(nil)
	if db.Name() == PostgreSQL {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, fmt.Errorf("migrations: %w", err)
		}
		dialect, options = goose.DialectPostgres, append(options, goose.WithSessionLocker(patient{locker}))
	}
	p, err := goose.NewProvider(dialect, conn, files, options...)
	if errors.Is(err, goose.ErrNoMigrations) {
		return nil, fmt.Errorf("migrations: none for %s", db.Name())
	}
	return p, err
}

// patient lets migrations wait longer for their locks than services do. goose runs them on
// the connection that holds the session lock.
type patient struct{ lock.SessionLocker }

func (p patient) SessionLock(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "SET lock_timeout = '"+milliseconds(migrateLockTimeout)+"'"); err != nil {
		return err
	}
	return p.SessionLocker.SessionLock(ctx, conn)
}

func (p patient) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "RESET lock_timeout")
	return errors.Join(err, p.SessionLocker.SessionUnlock(ctx, conn))
}
