package redisqueue

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Wakers hear of changes.
type Wakers interface {
	Wake(memberIDs []string)
	WakeAll() // changes may have been missed
}

// Listen passes on every change that any node makes, until ctx ends. Redis delivers at
// most once: after each new subscription everybody is woken.
func (q *Queue) Listen(ctx context.Context, w Wakers, log *slog.Logger) {
	sub := q.rdb.Subscribe(ctx, q.base+changesSuffix)
	// Closing is what ends a read that waits; the connection is given up either way.
	stop := context.AfterFunc(ctx, func() { _ = sub.Close() })
	defer stop()
	lost := false
	for ctx.Err() == nil {
		err := receive(ctx, sub, w)
		if (err != nil) != lost && ctx.Err() == nil { // once per outage
			lost = err != nil
			log.Warn("channel of changes", "lost", lost, "err", err)
		}
		if err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(listenAgainAfter):
		}
	}
}

// receive handles one message; the client subscribes again by itself after an error.
func receive(ctx context.Context, sub *redis.PubSub, w Wakers) error {
	msg, err := sub.ReceiveTimeout(ctx, quietAfter)
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return sub.Ping(ctx)
	case err != nil:
		return err
	}
	switch m := msg.(type) {
	case *redis.Subscription:
		w.WakeAll()
	case *redis.Message:
		w.Wake(strings.Fields(m.Payload))
	}
	return nil
}
