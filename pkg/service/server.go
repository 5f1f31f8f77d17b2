package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sixseat/sixseat/pkg/rawsock"
)

// Server is a service's two listeners: the public one, and the admin one that the
// load balancer never routes to.
type Server struct {
	public, admin         *http.Server
	publicConn, adminConn net.Listener
	metrics               *Metrics
}

// Listen opens both listeners, so that a port in use is an error before anything
// else starts, and port 0 is known by its number.
func Listen(cfg Config, public http.Handler, health *Health, metrics *Metrics, log *slog.Logger) (*Server, error) {
	publicConn, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen on ADDR: %w", err)
	}
	adminConn, err := net.Listen("tcp", cfg.AdminAddr)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen on ADMIN_ADDR: %w", err), publicConn.Close())
	}
	return &Server{
		public: newHTTP(Wrap(public, metrics, log), log), publicConn: rawsock.Listener(publicConn),
		admin: newHTTP(adminHandler(health, metrics), log), adminConn: adminConn, metrics: metrics,
	}, nil
}

// newHTTP has no WriteTimeout: event streams and sockets live long; their own
// deadlines stand where they are written.
func newHTTP(h http.Handler, log *slog.Logger) *http.Server {
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	CloseUnused(srv)
	return srv
}

func adminHandler(health *Health, metrics *Metrics) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", health.Alive)
	mux.HandleFunc("GET /readyz", health.Ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// Addr is the public listener's address.
func (s *Server) Addr() string { return s.publicConn.Addr().String() }

// AdminAddr is the admin listener's address.
func (s *Server) AdminAddr() string { return s.adminConn.Addr().String() }

// Serve answers requests until Shutdown, or until a listener fails.
func (s *Server) Serve() error {
	ended := make(chan error, 2)
	go func() { ended <- serving(s.public.Serve(s.publicConn)) }()
	go func() { ended <- serving(s.admin.Serve(s.adminConn)) }()
	err := <-ended
	if err != nil { // a node with half of its listeners is none
		err = errors.Join(err, s.public.Close(), s.admin.Close())
	}
	return errors.Join(err, <-ended)
}

func serving(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Shutdown lets requests in flight end for a few seconds, then cuts them, and frees the
// ports, also when nothing was served. Hijacked sockets are not its business; their owner
// closes them before.
func (s *Server) Shutdown() error {
	return errors.Join(Shutdown(s.public, closeGrace), Shutdown(s.admin, closeGrace), s.free())
}

// Drainer is a service's own part of stopping: close what lives long, evenly over
// the window, and return when all is closed or ctx ends.
type Drainer interface {
	Drain(ctx context.Context, window time.Duration)
}

// Run serves until ctx ends or the load balancer drains the node, whichever is first,
// then stops in the order that loses nothing: health turns 503 while requests are still
// taken (the load balancer needs cfg.DrainNotice to see it), then what lives long is
// closed over cfg.DrainWindow, then the listeners. n may be nil.
func Run(ctx context.Context, cfg Config, s *Server, health *Health, d Drainer, n DrainNotice, log *slog.Logger) error {
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	log.Info("serving", "addr", s.Addr(), "admin_addr", s.AdminAddr())
	asking, stop := context.WithCancel(ctx)
	defer stop()
	why := bySignal
	select {
	case err := <-served:
		return errors.Join(fmt.Errorf("serve: %w", err), s.Shutdown())
	case <-noticed(asking, n, log):
		why = byLoadBalancer
	case <-ctx.Done():
	}
	log.Info("draining", "told_by", why, "notice", cfg.DrainNotice, "window", cfg.DrainWindow)
	s.metrics.drains[why].Inc()
	health.Drain()
	<-time.After(cfg.DrainNotice)
	drain, cancel := context.WithTimeout(context.Background(), cfg.DrainWindow+closeGrace)
	d.Drain(drain, cfg.DrainWindow)
	cancel()
	err := errors.Join(s.Shutdown(), <-served)
	log.Info("stopped")
	return err
}
