// Package redisbus carries what happens in rooms between nodes: one Redis channel per
// room, subscribed only while somebody on this node listens to the room.
//
// It is at most once by design: what does not fit, or is sent while Redis is away, is
// dropped and counted. Those who use it heal from PostgreSQL (internal/hub) or say
// everything again after a while (presence).
//
// Sharded channels (SSUBSCRIBE, Redis 7 and later) are used where the server has them,
// plain ones otherwise; each new connection finds out by trying.
package redisbus

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// Bus is this node's end of all rooms' channels.
type Bus struct {
	redis   redis.UniversalClient
	node    uuid.UUID // marks our own envelopes, which come back to us
	began   time.Time
	log     *slog.Logger
	counted counters
	queue   queue

	mu       sync.Mutex // guards what follows
	channels map[string]*channel
	line     *line // nil while Redis is away
	up       bool
	watchers []func(up bool)
}

// New makes a Bus. Until Run it counts as down.
func New(client redis.UniversalClient, log *slog.Logger) *Bus {
	return &Bus{
		redis: client, node: uuid.New(), began: time.Now(), log: log, counted: newCounters(),
		queue: newQueue(), channels: map[string]*channel{},
	}
}

// Up reports whether what other nodes send reaches this one: Redis is there and has
// confirmed the channels of all joined rooms.
func (b *Bus) Up() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.up
}

// OnChange asks for a call of changed whenever Up changes, in the order of the changes.
// It comes from the bus's own goroutine and must not block or call the Bus.
func (b *Bus) OnChange(changed func(up bool)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers = append(b.watchers, changed)
}

// Run keeps the bus connected until ctx ends; then what is still queued is sent.
func (b *Bus) Run(ctx context.Context) {
	var sending sync.WaitGroup
	sending.Go(func() { b.sendQueued(ctx) })
	defer sending.Wait()
	away := false // each outage is logged once, not each try
	for {
		err := b.connect(ctx, func() { away = false })
		if ctx.Err() != nil {
			return
		}
		if !away {
			b.log.Warn("bus is down: this node finds the messages of others by asking the database", "err", err)
			away = true
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(reconnectEvery):
		}
	}
}

// connect opens a line, tells connected, and returns when the line is lost.
func (b *Bus) connect(ctx context.Context, connected func()) error {
	l, err := b.open(ctx)
	if err != nil {
		return err
	}
	connected()
	b.attach(l)
	defer b.detach()
	return l.run(ctx)
}

// attach makes l the line, and lets it subscribe to all joined rooms.
func (b *Bus) attach(l *line) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.line = l
	for name, c := range b.channels {
		if len(c.receivers) == 0 {
			delete(b.channels, name)
			continue
		}
		c.renew()
		l.change(c)
	}
	b.settled()
}

// detach forgets the lost line; nobody has to wait for it any more.
func (b *Bus) detach() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.line = nil
	for _, c := range b.channels {
		c.release()
	}
	b.turn(false)
}

// settled turns the bus up when nothing is left to be confirmed. The caller holds mu.
func (b *Bus) settled() {
	if len(b.line.changed) == 0 && b.line.awaited == 0 {
		b.turn(true)
	}
}

// turn tells all watchers when Up changes. The caller holds mu.
func (b *Bus) turn(up bool) {
	if b.up == up {
		return
	}
	b.up = up
	if up {
		b.log.Info("bus is up", "rooms", len(b.channels), "sharded", b.line.sharded)
	}
	b.counted.setUp(up)
	for _, changed := range b.watchers {
		changed(up)
	}
}
