package usage

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"slices"
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

// Redis is what a Redis says of itself, in octets.
type Redis struct {
	Memory int64 // that its data take
	Sent   int64 // to all clients, up to now
}

// AskRedis asks a Redis by its URL.
func AskRedis(ctx context.Context, rawURL string) (r Redis, err error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme != "redis" || u.Host == "" {
		return r, errors.New("must be like redis://127.0.0.1:6379; TLS is not spoken here")
	}
	d := net.Dialer{Timeout: storeTimeout}
	conn, err := d.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return r, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(storeTimeout)); err != nil {
		return r, err
	}
	question := "INFO memory\r\nINFO stats\r\nQUIT\r\n"
	if password, given := u.User.Password(); given {
		name := u.User.Username()
		if name == "" {
			name = "default"
		}
		question = "AUTH " + name + " " + password + "\r\n" + question
	}
	if _, err := io.WriteString(conn, question); err != nil {
		return r, err
	}
	return readInfo(conn)
}

func readInfo(from io.Reader) (r Redis, err error) {
	wanted := map[string]*int64{"used_memory": &r.Memory, "total_net_output_bytes": &r.Sent}
	for lines := bufio.NewScanner(io.LimitReader(from, maxMetrics)); lines.Scan() && len(wanted) > 0; {
		if refused, is := strings.CutPrefix(lines.Text(), "-"); is {
			return r, fmt.Errorf("redis answers %s", refused)
		}
		name, value, _ := strings.Cut(lines.Text(), ":")
		if to := wanted[name]; to != nil {
			if *to, err = strconv.ParseInt(strings.TrimSpace(value), 10, 64); err != nil {
				return r, fmt.Errorf("redis says of %s: %w", name, err)
			}
			delete(wanted, name)
		}
	}
	if len(wanted) > 0 {
		return r, fmt.Errorf("redis does not say %s", strings.Join(slices.Sorted(maps.Keys(wanted)), ", "))
	}
	return r, nil
}
