package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// Password gives the password for one new connection.
type Password func(context.Context, SignIn) (string, error)

// SignIn is a connection that needs a password.
type SignIn struct {
	Endpoint, User string // host:port
	Plain          bool   // it may be made without TLS
	Refused        string // the password that the database refused just now, if it did
}

// connector makes connections, each with the password of its moment. One that is refused
// is tried once more, if there is another password by now: it may have just changed.
type connector struct {
	cfg      *pgx.ConnConfig
	password Password // nil: the one of cfg
}

// Driver implements driver.Connector.
func (c connector) Driver() driver.Driver { return stdlib.GetDefaultDriver() }

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, used, err := c.connect(ctx, "")
	if c.password == nil || used == "" || !signInRefused(err) {
		return conn, err
	}
	again, _, err2 := c.connect(ctx, used)
	if errors.Is(err2, errNoOther) {
		return nil, err
	}
	return again, err2
}

// errNoOther says that another try would be with the password that was refused.
var errNoOther = errors.New("no other password")

func (c connector) connect(ctx context.Context, refused string) (_ driver.Conn, used string, _ error) {
	conn, err := stdlib.GetConnector(*c.cfg, stdlib.OptionShouldPing(died), stdlib.OptionBeforeConnect(func(ctx context.Context, cfg *pgx.ConnConfig) (err error) {
		if c.password == nil {
			return nil
		}
		in := signIn(cfg)
		in.Refused = refused
		if cfg.Password, err = c.password(ctx, in); err == nil && refused != "" && cfg.Password == refused {
			return errNoOther
		}
		used = cfg.Password
		return err
	})).Connect(ctx)
	return conn, used, err
}

func signIn(cfg *pgx.ConnConfig) SignIn {
	plain := cfg.TLSConfig == nil || slices.ContainsFunc(cfg.Fallbacks, func(f *pgconn.FallbackConfig) bool { return f.TLSConfig == nil })
	return SignIn{Endpoint: net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port))), User: cfg.User, Plain: plain}
}

// signInRefused reports whether the database did not take who signs in: class 28 of
// PostgreSQL 15, appendix A.
func signInRefused(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && len(pg.Code) == 5 && pg.Code[:2] == "28"
}
