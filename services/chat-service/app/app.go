// Package app puts chat-service together: New wires it, Run serves, Close unwinds. It
// is the only package that knows all the others; main, tests and infra/onebox start
// the service through it and through nothing else.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/extra/redisprometheus/v9"
	"github.com/redis/go-redis/v9"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/awssecrets"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/drain"
	"github.com/sixseat/sixseat/pkg/limit"
	"github.com/sixseat/sixseat/pkg/redisconn"
	"github.com/sixseat/sixseat/pkg/redislimit"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/tracing"

	"github.com/sixseat/sixseat/services/chat-service/internal/archive"
	"github.com/sixseat/sixseat/services/chat-service/internal/awsarchive"
	"github.com/sixseat/sixseat/services/chat-service/internal/awspictures"
	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/gateway"
	"github.com/sixseat/sixseat/services/chat-service/internal/httpapi"
	"github.com/sixseat/sixseat/services/chat-service/internal/hub"
	"github.com/sixseat/sixseat/services/chat-service/internal/live"
	"github.com/sixseat/sixseat/services/chat-service/internal/orphans"
	"github.com/sixseat/sixseat/services/chat-service/internal/redisbus"
	"github.com/sixseat/sixseat/services/chat-service/internal/redisfeed"
	"github.com/sixseat/sixseat/services/chat-service/internal/redispresence"
	"github.com/sixseat/sixseat/services/chat-service/internal/store"
)

// Parts are what a service stands on, chosen by whoever wires it: PostgreSQL in
// production, embedded stores on one machine.
type Parts struct {
	Dialector gorm.Dialector
	Redis     redis.UniversalClient // nil: nobody is told who entered, so no seat is given on
	S3        *s3.Client            // nil, or no FILES_BUCKET: there are no pictures, and nothing is archived
	Alone     bool                  // no other process serves this database, so there is no bus
	Notice    service.DrainNotice   // tells when the load balancer drains this node; may be nil
	Log       *slog.Logger
}

// Open makes the parts of production from the configuration. Chat needs only PostgreSQL
// to accept and to deliver, so it starts without Redis and goes on when it comes.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (Parts, error) {
	notice, err := drain.Notice(ctx, cfg.Config)
	if err != nil {
		return Parts{}, err
	}
	parts := Parts{Notice: notice, Log: log}
	if cfg.FilesBucket != "" {
		if parts.S3, err = awspictures.Open(ctx, cfg.S3Endpoint); err != nil {
			return Parts{}, err
		}
	}
	password, err := awssecrets.Password(ctx, cfg.DatabasePassword, log)
	if err != nil {
		return Parts{}, err
	}
	parts.Dialector, err = database.Reach(ctx, cfg.DatabaseURL, password)
	if err != nil || cfg.RedisURL == "" {
		return parts, err
	}
	client, err := redisconn.Open(cfg.RedisURL, log)
	if err != nil {
		return Parts{}, err
	}
	if err := redisconn.Reach(ctx, client); err != nil {
		log.Warn("starting without Redis", "err", err)
	}
	parts.Redis = client
	return parts, nil
}

// Close closes what Open has opened. It is for whoever called that, behind App.Close: where
// services share a client none of them may close it.
func (p Parts) Close() error {
	if p.Redis == nil {
		return nil
	}
	if err := p.Redis.Close(); err != nil {
		return fmt.Errorf("close Redis: %w", err)
	}
	return nil
}

// Migrate brings the database's schema up to date.
func Migrate(ctx context.Context, d gorm.Dialector) error { return store.Migrate(ctx, d) }

// App is a chat-service that may serve.
type App struct {
	cfg      Config
	notice   service.DrainNotice // may be nil
	log      *slog.Logger
	store    *store.Store
	journal  *store.Journal
	hub      *hub.Hub
	live     *live.Live
	gateway  *gateway.Gateway
	pace     *limit.Local
	uploads  *limit.Local
	gallery  *chat.Gallery
	pictures *awspictures.Pictures // nil without a bucket
	orphans  *orphans.Sweeper      // nil without a bucket
	moves    *archive.Archiver     // nil where nothing is archived
	remote   *token.Remote         // nil when all keys are configured
	feed     *redisfeed.Feed       // nil without a Redis
	bus      *redisbus.Bus         // nil without a Redis, and on a node that is alone
	traces   *tracing.Tracing      // nil without a collector
	health   *service.Health
	server   *service.Server

	closing sync.Once
	closed  error
}

// New connects to the stores, refuses a schema that lacks a migration, and opens the
// listeners.
func New(ctx context.Context, cfg Config, parts Parts) (*App, error) {
	keys, err := cfg.staticKeys()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(service.CheckEndpoint("S3_ENDPOINT", cfg.S3Endpoint), service.CheckEndpoint("S3_PUBLIC_ENDPOINT", cfg.S3Public)); err != nil {
		return nil, err
	}
	if cfg.ArchiveAfter != 0 && cfg.ArchiveAfter < leastSilence {
		return nil, fmt.Errorf("ARCHIVE_AFTER is %s: it must be 0, for never, or at least %s", cfg.ArchiveAfter, leastSilence)
	}
	a := &App{cfg: cfg, notice: parts.Notice, log: parts.Log}
	if a.traces, err = tracing.Open(ctx, cfg.Traces, "chat-service", parts.Log); err != nil {
		return nil, err
	}
	if err := redisconn.Trace(parts.Redis, a.traces.Within()); err != nil {
		return nil, err
	}
	if a.store, err = store.Open(ctx, parts.Dialector); err != nil {
		a.traces.Close()
		return nil, err
	}
	if parts.Redis != nil {
		a.feed = redisfeed.New(a.store, parts.Redis, time.Now, parts.Log)
	}
	var bus interface {
		hub.Bus
		live.Bus
	} = hub.Alone{}
	if parts.Redis != nil && !parts.Alone {
		a.bus = redisbus.New(parts.Redis, parts.Log)
		bus = a.bus
	}
	archived := archive.NewCounters()
	history := archive.NewHistory(a.store, objects(parts.S3, cfg.FilesBucket), parts.Log, archived)
	if parts.S3 != nil && cfg.FilesBucket != "" && cfg.ArchiveAfter > 0 {
		a.moves = archive.NewArchiver(a.store, objects(parts.S3, cfg.FilesBucket), cfg.ArchiveAfter, time.Now, parts.Log, archived)
	}
	a.hub = hub.New(history, bus, parts.Log)
	a.journal = a.store.Journal(a.hub.Flush, parts.Log)
	limiter := limit.New(counter(parts.Redis), time.Now, parts.Log)
	a.pace = limiter.Local(limit.PerSecond("messages", cfg.SendRate, int(cfg.SendRate*sendBurst)))
	a.live = live.New(presence(parts), bus, a.store, time.Now, parts.Log)
	a.uploads = limiter.Local(limit.PerMinute("pictures", cfg.Pictures))
	a.gallery = chat.NewGallery(a.keptIn(parts.S3, parts.Log), a.uploads)
	if a.pictures != nil {
		a.orphans = orphans.New(a.store, history, a.pictures, time.Now, parts.Log)
	}
	rooms := chat.New(history, a.journal, audience{a.hub, a.live}, a.live, a.pace, a.gallery, time.Now)
	verifier := token.NewVerifier(a.keys(keys), time.Now)
	origins := service.NewOrigins(cfg.AllowedOrigins)
	a.gateway = gateway.New(rooms, a.hub, a.live, verifier, origins, gateway.Limits{
		Sessions: cfg.Sessions, Places: limiter, Connections: cfg.Connections, Accepts: cfg.Accepts, Frames: cfg.Frames, Memory: gateway.NewMemory(cfg.Memory),
	}, time.Now, parts.Log)
	a.health = service.NewHealth(a.checks())
	routes := httpapi.New(rooms, a.gateway, verifier, a.health, origins, a.traces, parts.Log)
	metrics, err := a.metrics(parts.Redis, archived)
	if err == nil {
		a.server, err = service.Listen(cfg.Config, routes, a.health, metrics, parts.Log)
	}
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// audience shows what was committed, which ends the typing before it.
type audience struct {
	*hub.Hub
	live *live.Live
}

func (a audience) Publish(m chat.Message) {
	a.Hub.Publish(m)
	a.live.Said(m.RoomID, m.MemberID)
}

// keptIn keeps pictures in the bucket, or says that there are none.
func (a *App) keptIn(client *s3.Client, log *slog.Logger) chat.Pictures {
	if client == nil || a.cfg.FilesBucket == "" {
		return chat.NoPictures{}
	}
	a.pictures = awspictures.New(client, a.cfg.FilesBucket, a.cfg.S3Public, time.Now, log)
	return a.pictures
}

// objects are in the bucket, or there are none.
func objects(client *s3.Client, bucket string) archive.Objects {
	if client == nil || bucket == "" {
		return archive.NoObjects{}
	}
	return awsarchive.New(client, bucket)
}

// presence is what all nodes share, or this process's own where there are no others.
func presence(parts Parts) live.Presence {
	if parts.Redis == nil || parts.Alone {
		return live.NewMemory()
	}
	return redispresence.New(parts.Redis, "chat:presence:")
}

// counter counts for all nodes, or is nil where there is no Redis.
func counter(client redis.UniversalClient) limit.Counter {
	if client == nil {
		return nil
	}
	return redislimit.New(client, "chat:limit:")
}

// checks are what the node needs to serve. Redis is not among them: without it nodes hear
// of each other later, and nobody is refused.
func (a *App) checks() map[string]func(context.Context) error {
	checks := map[string]func(context.Context) error{"database": a.store.Ping}
	if a.remote != nil {
		checks["keys"] = a.remote.Ready
	}
	return checks
}

// keys are the configured ones alone, or those and what match-service publishes.
func (a *App) keys(static token.Static) token.Keys {
	if a.cfg.JWKSURL == "" {
		return static
	}
	a.remote = token.NewRemote(a.cfg.JWKSURL, a.cfg.jwksEvery(), static, time.Now, a.log)
	return a.remote
}

// metrics gathers what all parts count.
func (a *App) metrics(client redis.UniversalClient, archived *archive.Counters) (*service.Metrics, error) {
	r := service.NewMetrics("chat-service")
	connections, err := a.store.Collectors()
	if err != nil {
		return nil, err
	}
	r.MustRegister(connections...)
	r.MustRegister(a.journal.Collectors()...)
	r.MustRegister(archived.Collectors()...)
	r.MustRegister(a.hub.Collectors()...)
	r.MustRegister(a.gateway.Collectors()...)
	r.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "chat_presence_sure", Help: "1 while it is known who goes offline, on all nodes."},
			func() float64 { return one(a.live.Sure()) }))
	if a.bus != nil {
		r.MustRegister(a.bus.Collectors()...)
	}
	if a.pictures != nil {
		r.MustRegister(a.pictures.Collectors()...)
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "chat_pictures_waiting", Help: "Pictures whose SEND has no answer yet; above 128 they are refused."},
			func() float64 { return float64(a.gallery.Waiting()) }))
		r.MustRegister(a.orphans.Collectors()...)
	}
	if client != nil {
		r.MustRegister(redisprometheus.NewCollector("redis", "", client))
	}
	return r, nil
}

// one is 1 for true, as metrics have it.
func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Run serves until ctx ends, then drains and returns.
func (a *App) Run(ctx context.Context) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { a.hub.Run(background) })
	running.Go(func() { a.live.Run(background) })
	running.Go(func() { a.gateway.Run(background) })
	running.Go(func() { a.pace.Run(background) })
	running.Go(func() { a.uploads.Run(background) })
	running.Go(func() { sayLoad(background, a.log, a.gateway.Sessions) })
	if a.orphans != nil {
		running.Go(func() { a.orphans.Run(background) })
	}
	if a.moves != nil {
		running.Go(func() { a.moves.Run(background) })
	}
	if a.feed != nil {
		running.Go(func() { a.feed.Run(background) })
	}
	if a.bus != nil {
		running.Go(func() { a.bus.Run(background) })
	}
	if a.remote != nil {
		running.Go(func() { a.remote.Run(background) })
	}
	err := service.Run(ctx, a.cfg.Config, a.server, a.health, a.gateway, a.notice, a.log)
	stop()
	running.Wait()
	return errors.Join(err, a.Close())
}

// Close ends what New started, in reverse; it may be called twice. What the journal
// and live were given is committed first.
func (a *App) Close() error {
	a.closing.Do(func() {
		if a.server != nil {
			a.closed = a.server.Shutdown()
		}
		if a.live != nil {
			a.live.Close()
		}
		if a.gallery != nil {
			a.gallery.Close()
		}
		a.journal.Close()
		if err := a.store.Close(); err != nil {
			a.closed = errors.Join(a.closed, fmt.Errorf("close store: %w", err))
		}
		a.traces.Close()
	})
	return a.closed
}

// Addr is the public listener's address.
func (a *App) Addr() string { return a.server.Addr() }

// AdminAddr is the admin listener's address.
func (a *App) AdminAddr() string { return a.server.AdminAddr() }
