package redisbus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// line is one subscribed connection. When anything is wrong with it, it is closed and
// another is opened, so that a confirmation always belongs to what was asked.
type line struct {
	bus     *Bus
	pubsub  *redis.PubSub
	sharded bool
	wake    chan struct{} // one slot: changed is not empty

	changed []*channel // guarded by bus.mu: to be subscribed or unsubscribed
	awaited int        // guarded by bus.mu: SUBSCRIBEs not confirmed yet, of all channels
}

// open connects, with sharded channels if the server has them. The client of a Redis
// cluster keeps one connection to one node of it for each subscriber, so there plain
// channels are used, which every node of the cluster carries.
func (b *Bus) open(ctx context.Context) (*line, error) {
	if _, cluster := b.redis.(*redis.ClusterClient); !cluster {
		l, err := b.dial(ctx, true)
		var said redis.Error // Redis answered, and does not know or allow the command
		if !errors.As(err, &said) {
			return l, err
		}
	}
	return b.dial(ctx, false)
}

// dial opens a connection and subscribes it to a channel of this node's own: Redis
// takes PING from subscribers, and the answer shows which kind of channel it has.
func (b *Bus) dial(ctx context.Context, sharded bool) (*line, error) {
	l := &line{bus: b, sharded: sharded, wake: make(chan struct{}, 1)}
	own := channelName(b.ownRoom())
	if sharded {
		l.pubsub = b.redis.SSubscribe(ctx, own)
	} else {
		l.pubsub = b.redis.Subscribe(ctx, own)
	}
	if _, err := l.pubsub.ReceiveTimeout(ctx, answerTimeout); err != nil {
		return nil, errors.Join(fmt.Errorf("subscribe: %w", err), l.pubsub.Close())
	}
	return l, nil
}

// run reads and writes until either fails or ctx ends.
func (l *line) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	written := make(chan struct{})
	go func() {
		defer close(written)
		cancel(l.write(ctx))
	}()
	stop := context.AfterFunc(ctx, func() { _ = l.pubsub.Close() }) // ends the read; it may be closed already
	defer stop()
	cancel(l.read(ctx))
	<-written
	return context.Cause(ctx)
}

func (l *line) write(ctx context.Context) error {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	l.bus.probe()
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ping.C:
			err = l.pubsub.Ping(ctx)
			l.bus.probe()
		case <-l.wake:
			err = l.settle(ctx)
		}
		if err != nil {
			return fmt.Errorf("write to the bus: %w", err)
		}
	}
}

// change puts c on the list of what the writer looks at. The caller holds bus.mu.
func (l *line) change(c *channel) {
	if c.dirty {
		return
	}
	c.dirty = true
	l.changed = append(l.changed, c)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// settle subscribes and unsubscribes what has changed, many rooms in a command.
func (l *line) settle(ctx context.Context) error {
	for {
		subscribe, unsubscribe := l.take()
		if len(subscribe)+len(unsubscribe) == 0 {
			return nil
		}
		if err := l.tell(ctx, l.pubsub.SSubscribe, l.pubsub.Subscribe, subscribe); err != nil {
			return err
		}
		if err := l.tell(ctx, l.pubsub.SUnsubscribe, l.pubsub.Unsubscribe, unsubscribe); err != nil {
			return err
		}
	}
}

type command func(ctx context.Context, channels ...string) error

func (l *line) tell(ctx context.Context, sharded, plain command, names []string) error {
	if len(names) == 0 { // to the library this would mean all
		return nil
	}
	if l.sharded {
		return sharded(ctx, names...)
	}
	return plain(ctx, names...)
}

// take returns what the next commands are for. A room that was left and joined again,
// or the other way round, needs none.
func (l *line) take() (subscribe, unsubscribe []string) {
	l.bus.mu.Lock()
	defer l.bus.mu.Unlock()
	part := l.changed[:min(len(l.changed), maxPerCommand)]
	l.changed = l.changed[len(part):]
	for _, c := range part {
		c.dirty = false
		wanted := len(c.receivers) > 0
		switch {
		case wanted && !c.subscribed:
			c.subscribed = true
			c.awaited++
			l.awaited++
			subscribe = append(subscribe, c.name)
		case !wanted && c.subscribed:
			awaited := c.awaited
			c.release()
			c.renew() // who joins from now on waits for the next confirmation
			c.awaited = awaited
			unsubscribe = append(unsubscribe, c.name)
		case !wanted:
			l.forget(c)
		}
	}
	l.bus.settled()
	return subscribe, unsubscribe
}

// read hands on what comes. Redis answers each PING, so silence means that it is away.
func (l *line) read(ctx context.Context) error {
	for {
		message, err := l.pubsub.ReceiveTimeout(ctx, maxSilence)
		if err != nil {
			return fmt.Errorf("read from the bus: %w", err)
		}
		switch m := message.(type) {
		case *redis.Message:
			l.bus.receive(m.Channel, m.Payload)
		case *redis.Subscription:
			if err := l.answered(m); err != nil {
				return err
			}
		}
	}
}

// answered takes a confirmation. Redis answers in the order of our commands.
func (l *line) answered(m *redis.Subscription) error {
	l.bus.mu.Lock()
	defer l.bus.mu.Unlock()
	c := l.bus.channels[m.Channel]
	switch {
	case c == nil: // it was this node's own
	case m.Kind == "ssubscribe" || m.Kind == "subscribe":
		l.awaited--
		if c.awaited--; c.awaited == 0 && c.subscribed {
			c.release()
		}
		l.bus.settled()
	case c.subscribed && c.awaited == 0:
		return fmt.Errorf("the server ended the subscription to %s", m.Channel)
	case !c.subscribed:
		l.forget(c)
	}
	return nil
}

// forget drops a channel that nobody uses and Redis owes nothing for. The caller holds
// bus.mu.
func (l *line) forget(c *channel) {
	if len(c.receivers) == 0 && c.awaited == 0 {
		delete(l.bus.channels, c.name)
	}
}
