package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/extra/redisprometheus/v9"
	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/limit"
	"github.com/sixseat/sixseat/pkg/redisconn"
	"github.com/sixseat/sixseat/pkg/redislimit"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/tracing"
	"github.com/sixseat/sixseat/services/match-service/internal/catalogue"
	"github.com/sixseat/sixseat/services/match-service/internal/httpapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
	"github.com/sixseat/sixseat/services/match-service/internal/redisqueue"
	"github.com/sixseat/sixseat/services/match-service/internal/store"
	"github.com/sixseat/sixseat/services/match-service/internal/web"
)

// App is match-service, ready to run.
type App struct {
	cfg      Config
	notice   service.DrainNotice // may be nil
	log      *slog.Logger
	keys     signingKeys
	store    *store.Store
	redis    redis.UniversalClient
	queue    *redisqueue.Queue
	service  *match.Service
	watchers *match.Watchers
	streams  *httpapi.Streams
	health   *service.Health
	server   *service.Server
	lengths  lengths
	traces   *tracing.Tracing // nil without a collector

	closing sync.Once
	closed  error // of the one Close that did it
}

// New wires the service and binds both listeners, so that a port in use, a bad key or a
// schema that is too old is an error before anything is served. It takes parts over:
// Close closes them, and so does New when it fails.
func New(ctx context.Context, cfg Config, parts Parts) (*App, error) {
	a := &App{cfg: cfg, notice: parts.Notice, log: parts.Log, redis: parts.Redis, watchers: match.NewWatchers(), streams: httpapi.NewStreams()}
	if err := a.wire(ctx, parts); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) wire(ctx context.Context, parts Parts) error {
	if err := service.CheckEndpoint("FILES_ORIGIN", a.cfg.FilesOrigin); err != nil {
		return err
	}
	var err error
	if a.keys, err = openKeys(ctx, a.cfg, a.log); err != nil {
		return err
	}
	if a.traces, err = tracing.Open(ctx, a.cfg.Traces, "match-service", a.log); err != nil {
		return err
	}
	if err := redisconn.Trace(a.redis, a.traces.Within()); err != nil {
		return err
	}
	if a.store, err = store.Open(ctx, parts.Dialector); err != nil {
		return err
	}
	timing := a.cfg.timing()
	a.queue = redisqueue.New(a.redis, redisqueue.Config{Limits: timing, Now: time.Now, NewID: newID})
	ranked, err := readRanks(ctx, a.store)
	if err != nil {
		return err
	}
	counted := newMetrics(ranked)
	a.lengths = lengths{ranked, a.queue, counted.waitingByRank(), a.log}
	registry, err := a.registry(counted)
	if err != nil {
		return err
	}
	films := catalogue.New(a.store, a.queue, a.log)
	a.service = match.New(match.Parts{
		Waits: a.store, Rooms: a.store, Seats: a.store, Audit: a.store, Queue: a.queue, Feed: a.queue, Films: films, Observer: counted,
		Limits: timing, Now: time.Now, NewID: newID, Log: a.log,
	})
	a.health = service.NewHealth(map[string]func(context.Context) error{"database": a.store.Ping, "queue": a.queue.Ping})
	handler := httpapi.New(httpapi.Parts{
		Matcher: a.service, Films: films, Watchers: a.watchers, Streams: a.streams, Signer: a.keys.signer,
		Verifier: token.NewVerifier(a.keys.signer, time.Now), Health: a.health, Page: func(notFound http.Handler) http.Handler { return web.HandlerOr(a.cfg.FilesOrigin, notFound) },
		Limits: httpapi.NewLimits(limit.New(redislimit.New(a.redis, "match:limit:"), time.Now, a.log),
			a.cfg.LimitJoins, a.cfg.LimitStreams, a.cfg.LimitMembers),
		Origins: service.NewOrigins(a.cfg.AllowedOrigins), Traces: a.traces, Now: time.Now, NewID: newID, Log: a.log,
	})
	a.server, err = service.Listen(a.cfg.Config, handler, a.health, registry, a.log)
	return err
}

// registry gathers what all parts count.
func (a *App) registry(counted *metrics) (*service.Metrics, error) {
	r := service.NewMetrics("match-service")
	stored, err := a.store.Collectors()
	if err != nil {
		return nil, err
	}
	r.MustRegister(stored...)
	r.MustRegister(counted.Collectors(a.streams.Len, a.keys.Failing)...)
	r.MustRegister(redisprometheus.NewCollector("redis", "", a.redis))
	return r, nil
}

// newID makes ids that rise with time, so that their rows lie together.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// Addr is the public listener's address.
func (a *App) Addr() string { return a.server.Addr() }

// AdminAddr is the admin listener's address.
func (a *App) AdminAddr() string { return a.server.AdminAddr() }

// Run serves until ctx ends, then drains. The background work goes on while streams are
// drained, since their members still wait.
func (a *App) Run(ctx context.Context) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	work.Go(func() { a.service.Run(background) })
	work.Go(func() { a.keys.Run(background, a.log) })
	work.Go(func() { a.lengths.Run(background) })
	work.Go(func() { a.queue.Listen(background, a.watchers, a.log) })
	err := service.Run(ctx, a.cfg.Config, a.server, a.health, a.streams, a.notice, a.log)
	stop()
	work.Wait()
	return err
}

// Close undoes New, in reverse. It may be called twice.
func (a *App) Close() error {
	a.closing.Do(func() {
		var errs []error
		if a.server != nil {
			errs = append(errs, named("close listeners", a.server.Shutdown()))
		}
		if a.store != nil {
			errs = append(errs, named("close store", a.store.Close()))
		}
		if err := a.redis.Close(); !errors.Is(err, redis.ErrClosed) { // its maker may have been first
			errs = append(errs, named("close redis", err))
		}
		a.traces.Close()
		a.closed = errors.Join(errs...)
	})
	return a.closed
}

func named(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
