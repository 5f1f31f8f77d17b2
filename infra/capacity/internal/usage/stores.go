package usage

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Written is what PostgreSQL has written up to now, in octets.
type Written struct {
	WAL  int64
	Disk int64 // of all databases, indexes included
}

// Store is a PostgreSQL that is asked what it has written.
type Store struct{ conn *pgx.Conn }

// Postgres connects to a PostgreSQL by its URL.
func Postgres(ctx context.Context, rawURL string) (*Store, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, rawURL)
	if err != nil {
		return nil, err
	}
	return &Store{conn}, nil
}

// Written asks.
func (s *Store) Written(ctx context.Context) (w Written, err error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	const ask = `SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint, (SELECT sum(pg_database_size(oid)) FROM pg_database)::bigint`
	if err := s.conn.QueryRow(ctx, ask).Scan(&w.WAL, &w.Disk); err != nil {
		return w, fmt.Errorf("ask PostgreSQL: %w", err)
	}
	return w, nil
}

// Close hangs up.
func (s *Store) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	_ = s.conn.Close(ctx) // nothing depends on it
}

// RedisMemory asks a Redis, by its URL, how many octets its data take.
func RedisMemory(ctx context.Context, rawURL string) (int64, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme != "redis" || u.Host == "" {
		return 0, errors.New("must be like redis://127.0.0.1:6379; TLS is not spoken here")
	}
	d := net.Dialer{Timeout: storeTimeout}
	conn, err := d.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(storeTimeout)); err != nil {
		return 0, err
	}
	question := "INFO memory\r\nQUIT\r\n"
	if password, given := u.User.Password(); given {
		name := u.User.Username()
		if name == "" {
			name = "default"
		}
		question = "AUTH " + name + " " + password + "\r\n" + question
	}
	if _, err := io.WriteString(conn, question); err != nil {
		return 0, err
	}
	return readUsedMemory(conn)
}

func readUsedMemory(r io.Reader) (int64, error) {
	for lines := bufio.NewScanner(io.LimitReader(r, maxMetrics)); lines.Scan(); {
		if refused, is := strings.CutPrefix(lines.Text(), "-"); is {
			return 0, fmt.Errorf("redis answers %s", refused)
		}
		if value, found := strings.CutPrefix(lines.Text(), "used_memory:"); found {
			return strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		}
	}
	return 0, errors.New("redis does not say used_memory")
}
