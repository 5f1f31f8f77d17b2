package proxy

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Server is an http.Server that holds the listener's limits and timeouts. The
// caller gives it what Listener gives, and shuts it down. It uses ConnState.
func (b *Balancer) Server() *http.Server {
	idle := b.listener.LoadBalancer.IdleTimeout
	return &http.Server{
		Handler:                      b,
		ReadHeaderTimeout:            idle,
		IdleTimeout:                  idle,
		MaxHeaderBytes:               maxServerHeaders,
		DisableGeneralOptionsHandler: true, // "OPTIONS *" is the rules' business too
		ErrorLog:                     slog.NewLogLogger(b.log.Handler(), slog.LevelDebug),
		ConnState:                    b.follow,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, clientKey{}, conn)
		},
	}
}

// retireConnection ends a client's connection with this answer once it is older
// than client_keep_alive (API, LoadBalancerAttribute). WebSockets are left
// alone: whether ALB applies it to them is not documented.
func (b *Balancer) retireConnection(w http.ResponseWriter, r *http.Request, c *client) {
	if c != nil && r.Header.Get("Upgrade") == "" && time.Since(c.begun) > b.listener.LoadBalancer.ClientKeepAlive {
		w.Header().Set("Connection", "close")
	}
}
