package proxy

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"
)

type connectedKey struct{}

// Server is an http.Server that holds the listener's limits and timeouts. The
// caller gives it a net.Listener and shuts it down.
func (b *Balancer) Server() *http.Server {
	idle := b.listener.LoadBalancer.IdleTimeout
	return &http.Server{
		Handler:                      b,
		ReadHeaderTimeout:            idle,
		IdleTimeout:                  idle,
		MaxHeaderBytes:               maxServerHeaders,
		DisableGeneralOptionsHandler: true, // "OPTIONS *" is the rules' business too
		ErrorLog:                     slog.NewLogLogger(b.log.Handler(), slog.LevelDebug),
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, connectedKey{}, time.Now())
		},
	}
}

// retireConnection ends a client's connection with this answer once it is older
// than client_keep_alive (API, LoadBalancerAttribute). WebSockets are left
// alone: whether ALB applies it to them is not documented.
func (b *Balancer) retireConnection(w http.ResponseWriter, r *http.Request) {
	since, ok := r.Context().Value(connectedKey{}).(time.Time)
	if ok && r.Header.Get("Upgrade") == "" && time.Since(since) > b.listener.LoadBalancer.ClientKeepAlive {
		w.Header().Set("Connection", "close")
	}
}
