// Package box is the whole system in one process: the load balancer with the real
// listener rules in front, match-service and chat-service behind it on loopback ports
// of their own. Nothing in it stands in for a part of the product: only the stores are
// chosen by who starts it, embedded ones for `make run`, servers in tests.
package box

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/infra/localalb/proxy"
	"github.com/sixseat/sixseat/infra/localalb/rules"
	"github.com/sixseat/sixseat/infra/terraform"
	"github.com/sixseat/sixseat/pkg/awssecrets"
	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/token"

	chat "github.com/sixseat/sixseat/services/chat-service/app"
	match "github.com/sixseat/sixseat/services/match-service/app"
)

// Box is one running system.
type Box struct {
	log    *slog.Logger
	stores Stores
	match  *match.App
	chat   *chat.App
	lb     *proxy.Balancer
	front  net.Listener
}

// New brings the databases up to date, wires the services and opens all listeners.
func New(ctx context.Context, cfg Config, stores Stores, log *slog.Logger) (*Box, error) {
	b := &Box{log: log, stores: stores}
	var err error
	if b.front, err = net.Listen("tcp", cfg.Addr); err != nil {
		return nil, fmt.Errorf("listen on ADDR: %w", err)
	}
	if err := b.startServices(ctx, cfg); err != nil {
		return nil, errors.Join(err, b.close())
	}
	if b.lb, err = b.balancer(); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *Box) startServices(ctx context.Context, cfg Config) error {
	keys, err := publicKeys(b.stores.SigningKey)
	if err != nil {
		return err
	}
	if err := match.Migrate(ctx, b.stores.Match); err != nil {
		return fmt.Errorf("match-service: %w", err)
	}
	if err := chat.Migrate(ctx, b.stores.Chat); err != nil {
		return fmt.Errorf("chat-service: %w", err)
	}
	matchCfg, err := service.Load[match.Config]()
	if err != nil {
		return err
	}
	matchCfg.Config, matchCfg.SigningKey, matchCfg.LimitMembers = loopback(matchCfg.Config), b.stores.SigningKey, cfg.Members
	files := b.stores.Files
	if files == nil {
		files = &embedded.S3{}
	}
	matchCfg.FilesOrigin = files.URL
	b.match, err = match.New(ctx, matchCfg, match.Parts{
		Dialector: b.stores.Match, Redis: b.stores.Redis, Log: b.log.With("part", "match-service"),
	})
	if err != nil {
		return fmt.Errorf("match-service: %w", err)
	}
	chatCfg, err := service.Load[chat.Config]()
	if err != nil {
		return err
	}
	chatCfg.Config, chatCfg.VerifyKeys = loopback(chatCfg.Config), keys
	chatCfg.JWKSURL = "http://" + b.match.Addr() + "/match/.well-known/jwks.json"
	chatCfg.FilesBucket = embedded.Bucket
	b.chat, err = chat.New(ctx, chatCfg, chat.Parts{
		Dialector: b.stores.Chat, Redis: b.stores.Redis, S3: files.Client, Alone: true, Log: b.log.With("part", "chat-service"),
	})
	if err != nil {
		return fmt.Errorf("chat-service: %w", err)
	}
	return nil
}

// loopback leaves a service the settings of the environment (its limits, say), but gives it
// free ports of its own and no time to drain: the load balancer stops with it.
func loopback(c service.Config) service.Config {
	c.Addr, c.AdminAddr = "127.0.0.1:0", "127.0.0.1:0"
	c.DrainNotice, c.DrainWindow = 0, drainWindow
	return c
}

// publicKeys is the key set that chat-service verifies with from the start. Of keys in a
// secret it knows what match-service publishes.
func publicKeys(signingKey string) (string, error) {
	if awssecrets.Named(signingKey) {
		return "", nil
	}
	signer, err := token.NewSigner(signingKey, time.Now)
	if err != nil {
		return "", err
	}
	keys, err := json.Marshal(signer.KeySet())
	return string(keys), err
}

func (b *Box) balancer() (*proxy.Balancer, error) {
	cfg, err := rules.Load(terraform.Files)
	if err != nil {
		return nil, fmt.Errorf("listener rules: %w", err)
	}
	return proxy.New(proxy.Options{
		Config: cfg, Listener: "aws_lb_listener.https", Log: b.log.With("part", "localalb"),
		Targets: map[string][]string{
			"aws_lb_target_group.match": {b.match.Addr()},
			"aws_lb_target_group.chat":  {b.chat.Addr()},
		},
	})
}

// Run serves until ctx ends, then drains: the services say goodbye to their streams and
// sockets, and the load balancer stops last. ready is called when everything answers.
func (b *Box) Run(ctx context.Context, ready func()) error {
	// The load balancer outlives the services, so that goodbyes get through.
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var beside sync.WaitGroup
	beside.Go(func() { b.lb.Run(serving) })
	if b.stores.Run != nil {
		beside.Go(func() { b.stores.Run(serving) })
	}
	server := b.lb.Server()
	service.CloseUnused(server)
	var front errgroup.Group
	front.Go(func() error { return ended(server.Serve(b.lb.Listener(b.front))) })

	services, down := errgroup.WithContext(ctx)
	services.Go(func() error { return b.match.Run(down) })
	services.Go(func() error { return b.chat.Run(down) })
	services.Go(func() error { return b.announce(down, ready) })
	err := errors.Join(services.Wait(), b.chat.Close(), b.match.Close())

	err = errors.Join(err, service.Shutdown(server, stopTimeout))
	b.lb.Close()
	err = errors.Join(err, front.Wait())
	stop()
	beside.Wait()
	return err
}

func ended(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// announce tells when both services are healthy behind the load balancer.
func (b *Box) announce(ctx context.Context, ready func()) error {
	waiting, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := b.lb.Ready(waiting); err != nil {
		if ctx.Err() != nil {
			return nil // stopped before it was ready
		}
		return fmt.Errorf("the services are not healthy behind the load balancer: %w", err)
	}
	ready()
	return nil
}

// close undoes what New did before it failed.
func (b *Box) close() error {
	err := b.front.Close()
	if b.chat != nil {
		err = errors.Join(err, b.chat.Close())
	}
	if b.match != nil {
		err = errors.Join(err, b.match.Close())
	}
	return err
}

// URL is the address of the whole system.
func (b *Box) URL() string { return "http://" + b.front.Addr().String() }

// ChatAddr is chat-service's own public listener, which serves /ws as well.
func (b *Box) ChatAddr() string { return b.chat.Addr() }
