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
		var warned time.Time // while it does not answer: when that was said last
		for ours := false; ; {
			now, err := ask(ctx, n)
			if ctx.Err() == nil {
				warned = warn(warned, err, log)
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

// warn says that the load balancer does not answer, again and again while it lasts, since
// this node would then be cut without a drain; and once when it answers again.
func warn(warned time.Time, err error, log *slog.Logger) time.Time {
	switch {
	case err == nil && warned.IsZero():
	case err == nil:
		log.Info("the load balancer answers again whether this node drains")
		return time.Time{}
	case time.Since(warned) >= noticeWarnEvery:
		log.Warn("the load balancer does not answer whether this node drains", "err", err)
		return time.Now()
	}
	return warned
}
