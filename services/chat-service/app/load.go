package app

import (
	"context"
	"log/slog"
	"time"
)

// sayLoad logs the number of open sockets once a minute until ctx ends. On AWS a filter
// makes a metric of this line (infra/terraform/logs.tf), and the number of nodes follows
// it: the load balancer's own metrics do not tell how many sockets a node holds.
func sayLoad(ctx context.Context, log *slog.Logger, sockets func() int) {
	tick := time.NewTicker(loadEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			log.Info("load", "sockets", sockets())
		}
	}
}
