// Package database opens a service's relational store, brings its schema up to date
// and says what a driver's error means.
//
// It is for the store packages of the services and for nobody else: GORM and SQL do
// not leave a store. PostgreSQL is the database; SQLite takes its place where the
// whole system runs in one process.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Dialect names, as gorm.Dialector.Name gives them.
const (
	PostgreSQL = "postgres"
	SQLite     = "sqlite"
)

// Postgres makes a dialector for a URL like postgres://user:password@host:5432/name.
// It connects to nothing yet.
func Postgres(rawURL string) (gorm.Dialector, error) { return PostgresAs(rawURL, nil) }

// PostgresAs is Postgres with passwords from elsewhere; nil: the one of the URL.
func PostgresAs(rawURL string, password Password) (gorm.Dialector, error) {
	if rawURL == "" {
		return nil, errors.New("DATABASE_URL is not set: give it as postgres://user:password@host:5432/name")
	}
	cfg, err := pgx.ParseConfig(rawURL)
	if err != nil { // pgx leaves the password out of its error
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	bounded(cfg)
	planned(cfg)
	from := connector{cfg, password}
	return dialector{&postgres.Dialector{Config: &postgres.Config{Conn: pool(from, maxConns-1)}}, from}, nil
}

// dialector is GORM's for PostgreSQL, and can open a connection beside GORM's pool.
type dialector struct {
	*postgres.Dialector
	from connector
}

func pool(from connector, conns int) *sql.DB {
	db := sql.OpenDB(from)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxIdleTime(maxConnIdle)
	return db
}

// Reserve is a pool of one connection to PostgreSQL beside db's, for what must not queue
// behind readers. It is for few statements that are run over and over: each is planned
// once, whatever its values (plan_cache_mode, PostgreSQL 15, section 20.7.4). The caller
// closes it.
func Reserve(db *gorm.DB) (*sql.DB, error) {
	d, ok := db.Dialector.(dialector)
	if !ok {
		return nil, fmt.Errorf("reserve a connection: %s was not opened by Postgres", db.Name())
	}
	cfg := d.from.cfg.Copy()
	cfg.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	return pool(connector{cfg, d.from.password}, 1), nil
}

// Open connects and checks that the schema is known: a database with migrations
// still to run is an error that says so. A newer schema is fine, because migrations
// only expand while old nodes still run.
func Open(ctx context.Context, d gorm.Dialector, migrations Migrations) (*gorm.DB, error) {
	db, err := Connect(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := migrations.check(ctx, db); err != nil {
		return nil, errors.Join(err, Close(db))
	}
	return db, nil
}

// Connect connects without looking at the schema.
func Connect(ctx context.Context, d gorm.Dialector) (*gorm.DB, error) {
	db, err := gorm.Open(d, &gorm.Config{
		Logger: logger.Discard, SkipDefaultTransaction: true, DisableAutomaticPing: true,
	})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d.Name(), err)
	}
	if err := Ping(ctx, db); err != nil {
		return nil, errors.Join(err, Close(db))
	}
	return db, nil
}

// Reach makes a dialector for rawURL and asks whether the database answers. Its error is
// one line that names the host and says what to do.
func Reach(ctx context.Context, rawURL string, password Password) (gorm.Dialector, error) {
	d, err := PostgresAs(rawURL, password)
	if err != nil {
		return nil, err
	}
	if _, err := Connect(ctx, d); err != nil {
		cause := strings.Join(strings.Fields(err.Error()), " ") // drivers spread errors over lines
		return nil, fmt.Errorf("PostgreSQL at %s cannot be reached: start it, or correct DATABASE_URL (%s)", Place(rawURL), cause)
	}
	return d, nil
}

// Ping asks whether the database answers within a few seconds.
func Ping(ctx context.Context, db *gorm.DB) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	conn, err := db.DB()
	if err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	if err := conn.PingContext(ctx); err != nil {
		return fmt.Errorf("the database does not answer: %w", err)
	}
	return nil
}

// Close closes all connections of db.
func Close(db *gorm.DB) error {
	conn, err := db.DB()
	if err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return conn.Close()
}

// Raw hands f the PostgreSQL connection below one of db's, for what database/sql
// cannot say: pipelines. f must leave it as it found it.
func Raw(ctx context.Context, conn *sql.Conn, f func(*pgx.Conn) error) error {
	return conn.Raw(func(driver any) error { return f(driver.(*stdlib.Conn).Conn()) })
}

// Place is where a database URL points, for messages to people: host and name, never
// the password.
func Place(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" {
		return "the address in DATABASE_URL"
	}
	return u.Host + u.Path
}
