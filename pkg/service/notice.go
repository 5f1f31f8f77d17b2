package service

import (
	"context"
	"log/slog"
	"time"
)

// DrainNotice says whether the load balancer has begun to take this node out. It does so
// long before the process gets SIGTERM: ECS waits out the deregistration delay first,
// and by then the load balancer has cut what was open.
type DrainNotice interface {
	Draining(ctx context.Context) (bool, error)
}

// noticed is closed when n says that the node drains, having said before that it does
// not: a node that starts at an address whose last owner still drains is not meant. With
// a nil n nothing ever comes.
func noticed(ctx context.Context, n DrainNotice, log *slog.Logger) <-chan struct{} {
	if n == nil {
		return nil
	}
	draining := make(chan struct{})
	go func() {
		tick := time.NewTicker(noticeEvery)
		defer tick.Stop()
		for ours, away := false, false; ; {
			now, err := ask(ctx, n)
			if failed := err != nil; failed != away && ctx.Err() == nil {
				log.Warn("load balancer asked whether this node drains", "answers", !failed, "err", err)
				away = failed
			}
			if err == nil && now && ours {
				close(draining)
				return
			}
			ours = ours || err == nil && !now
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return draining
}

func ask(ctx context.Context, n DrainNotice) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, noticeTimeout)
	defer cancel()
	return n.Draining(ctx)
}
