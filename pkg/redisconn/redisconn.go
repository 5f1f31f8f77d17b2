// Package redisconn opens the Redis that both services use, with limits on every wait:
// a step that Redis does not answer must fail soon, because its caller is a person.
package redisconn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/sixseat/sixseat/pkg/rawsock"
)

const (
	// timeout bounds connecting, and one question and its answer. Redis answers within a
	// millisecond; after this it counts as away.
	timeout = 2 * time.Second

	// conns is how many connections a node keeps: each has one step, or one pipeline of them,
	// under way at a time, and Redis runs one at a time anyway.
	conns = 32

	// buffer is what a connection reads or writes at once: most pipelines and answers are
	// shorter. The client's own default is 32 KiB for each.
	buffer = 8 << 10

	// keepAlive is how often a silent connection is probed: the client's own default.
	keepAlive = 5 * time.Minute
)

// Open makes a client for a URL like redis://host:6379/0, or rediss:// for TLS; with
// ?cluster=true at its end the host is one node of a Redis Cluster, and more may be named
// as &addr=host:port. It connects to nothing yet.
func Open(rawURL string, log *slog.Logger) (redis.UniversalClient, error) {
	if rawURL == "" {
		return nil, errors.New("REDIS_URL is not set: give it as redis://host:6379/0, or rediss:// for TLS")
	}
	opt, cluster, err := parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	opt.DialTimeout, opt.ReadTimeout, opt.WriteTimeout = timeout, timeout, timeout
	opt.PoolTimeout, opt.PoolSize = timeout, conns
	opt.ReadBufferSize, opt.WriteBufferSize = buffer, buffer
	opt.ContextTimeoutEnabled = true
	opt.DialerRetries, opt.MaxRetries = 1, 1 // while Redis is away callers should know soon
	// The handshake would ask for what only one vendor's servers have.
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	opt.Dialer = dialer(opt.TLSConfig)
	redis.SetLogger(quiet{log})
	if cluster {
		return redis.NewClusterClient(opt.Cluster()), nil
	}
	return redis.NewClient(opt.Simple()), nil
}

// dialer is the client's own, with connections by raw system calls.
func dialer(config *tls.Config) func(ctx context.Context, network, address string) (net.Conn, error) {
	dial := rawsock.Dial(&net.Dialer{Timeout: timeout, KeepAlive: keepAlive})
	if config == nil {
		return dial
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		inner, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		conn := tls.Client(inner, config)
		if err := conn.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return conn, nil
	}
}

// parse reads the URL into options that both kinds of client are made of.
func parse(rawURL string) (opt *redis.UniversalOptions, cluster bool, err error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, false, err
	}
	query := u.Query()
	kind := query.Get("cluster")
	query.Del("cluster")
	u.RawQuery = query.Encode()
	switch kind {
	case "true":
		o, err := redis.ParseClusterURL(u.String())
		if err != nil {
			return nil, false, err
		}
		return &redis.UniversalOptions{Addrs: o.Addrs, Username: o.Username, Password: o.Password, TLSConfig: o.TLSConfig}, true, nil
	case "", "false":
		o, err := redis.ParseURL(u.String())
		if err != nil {
			return nil, false, err
		}
		return &redis.UniversalOptions{Addrs: []string{o.Addr}, DB: o.DB, Username: o.Username, Password: o.Password, TLSConfig: o.TLSConfig}, false, nil
	}
	return nil, false, fmt.Errorf("cluster must be true or false, not %q", kind)
}

// Reach asks whether Redis answers. Its error is one line that names the host and says
// what to do.
func Reach(ctx context.Context, client redis.UniversalClient) error {
	if err := client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("cannot reach Redis at %s: start it, or correct REDIS_URL (%s)",
			addresses(client), strings.Join(strings.Fields(err.Error()), " "))
	}
	return nil
}

func addresses(client redis.UniversalClient) string {
	switch c := client.(type) {
	case *redis.Client:
		return c.Options().Addr
	case *redis.ClusterClient:
		return strings.Join(c.Options().Addrs, ", ")
	}
	return "its address"
}

// quiet takes what the client would print to stderr by itself. Callers get every error,
// so it is for debugging alone.
type quiet struct{ log *slog.Logger }

// Printf implements the client's logger.
func (q quiet) Printf(_ context.Context, format string, args ...any) {
	q.log.Debug("redis client", "message", fmt.Sprintf(format, args...))
}
