package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"time"
)

var errConnectTimeout = errors.New("no connection to the target in time")

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

func withConnectTimeout(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeoutCause(ctx, connectTimeout, errConnectTimeout)
		defer cancel()
		conn, err := dial(ctx, network, address)
		if err != nil && errors.Is(context.Cause(ctx), errConnectTimeout) {
			err = errConnectTimeout
		}
		if err != nil {
			return nil, fmt.Errorf("connect to target %s: %w", address, err)
		}
		return conn, nil
	}
}

// newTransport is the side towards the targets. It has no timeout for answers:
// exchange watches both sides.
func newTransport(dial dialFunc, idle time.Duration) *http.Transport {
	return &http.Transport{
		DialContext:            dial,
		DisableCompression:     true, // bodies pass as they are
		MaxIdleConns:           0,    // bounded per target
		MaxIdleConnsPerHost:    maxIdlePerTarget,
		IdleConnTimeout:        idle,
		MaxResponseHeaderBytes: maxResponseHeaders,
	}
}

// passage is what the hooks of the forwarder need to know of a request.
type passage struct {
	view     view
	target   *target
	exchange *exchange
	response *response
}

type passageKey struct{}

func passageOf(ctx context.Context) *passage {
	p, _ := ctx.Value(passageKey{}).(*passage) // forward always puts one in
	return p
}

func (b *Balancer) newForwarder() *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Transport:      b.transport,
		Rewrite:        b.rewrite,
		ModifyResponse: watchResponse,
		ErrorHandler:   b.answerFailure,
		BufferPool:     &bufferPool{},
		ErrorLog:       slog.NewLogLogger(b.log.Handler(), slog.LevelDebug),
	}
}

// forward sends the request to a target of the group and streams the answer.
func (b *Balancer) forward(w http.ResponseWriter, r *http.Request, v view, g *group) {
	e := newExchange(w, r, b.listener.LoadBalancer.IdleTimeout)
	defer e.finish()
	t := g.take(e)
	if t == nil {
		b.answer(w, r, http.StatusServiceUnavailable)
		return
	}
	defer g.release(t, e)
	p := &passage{view: v, target: t, exchange: e, response: &response{ResponseWriter: w, exchange: e}}
	in := r.WithContext(context.WithValue(e.ctx, passageKey{}, p))
	if in.Body != nil && in.Body != http.NoBody {
		in.Body = clientBody{in.Body, e}
	}
	defer func() { // also when the forwarder gives up in the middle of a body, by http.ErrAbortHandler
		b.log.Debug("forwarded", "method", r.Method, "path", v.request.Path, "status", p.response.status,
			"target_group", g.spec.Address, "target", t.address, "duration", time.Since(e.begun))
	}()
	b.forwarder.ServeHTTP(p.response, in)
}

// rewrite makes the request to the target out of the client's.
func (b *Balancer) rewrite(pr *httputil.ProxyRequest) {
	p, lb := passageOf(pr.In.Context()), b.listener.LoadBalancer
	out := pr.Out
	out.URL.Scheme, out.URL.Host = "http", p.target.address
	out.URL.RawQuery = p.view.request.Query // httputil drops what net/url cannot parse
	if path := p.view.request.Path; !strings.HasPrefix(path, "//") {
		out.URL.Opaque = path // sent as it is; with "//" in front net/url would make it a host
	}
	out.Host = hostFor(pr.In, lb, p.view.origin)
	if lb.DropInvalid {
		dropInvalid(out.Header)
	}
	setForwarded(out.Header, pr.In.Header, lb, p.view)
	total, _ := headerSize(pr.In)
	setTrace(out.Header, time.Now(), total)
	if out.Body == nil && retried(out.Method) {
		out.Body = emptyBody{}
	}
}

// retried lists the methods net/http sends a second time when a kept
// connection turns out to be closed. ALB answers 502 then, and a service whose
// keep-alive is too short must show here. A body, even an empty one, is what
// keeps net/http from it.
func retried(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

type emptyBody struct{}

func (emptyBody) Read([]byte) (int, error) { return 0, io.EOF }
func (emptyBody) Close() error             { return nil }

// watchResponse puts the exchange's watch on the way back.
func watchResponse(res *http.Response) error {
	p := passageOf(res.Request.Context())
	p.exchange.touch()
	if res.StatusCode != http.StatusSwitchingProtocols {
		res.Body = targetBody{res.Body, p.exchange}
		return nil
	}
	socket, ok := res.Body.(io.ReadWriteCloser)
	if !ok {
		return fmt.Errorf("switch protocols: connection is %T", res.Body)
	}
	p.response.status = res.StatusCode
	res.Body = targetSocket{socket, p.exchange}
	return nil
}

// answerFailure says in ALB's codes why there is no answer from the target
// (user guide, load-balancer-troubleshooting).
func (b *Balancer) answerFailure(w http.ResponseWriter, r *http.Request, err error) {
	p := passageOf(r.Context())
	status := failureStatus(p.exchange, err)
	b.log.Info("no answer from target", "status", status, "method", p.view.request.Method,
		"path", p.view.request.Path, "target", p.target.address, "err", err)
	b.answer(w, r, status)
}

func failureStatus(e *exchange, err error) int {
	cause := context.Cause(e.ctx)
	switch {
	case errors.Is(cause, errIdle) && !e.bodyDone.Load():
		return http.StatusRequestTimeout
	case errors.Is(cause, errIdle), errors.Is(err, errConnectTimeout):
		return http.StatusGatewayTimeout
	case errors.Is(cause, errDrained), errors.Is(cause, errStopped):
		return http.StatusBadGateway
	case e.bodyLost.Load():
		return http.StatusBadRequest
	case cause != nil:
		return statusClientClosed
	}
	return http.StatusBadGateway
}

// bufferPool lends the memory for copying bodies.
type bufferPool struct{ pool sync.Pool }

func (p *bufferPool) Get() []byte {
	if b, ok := p.pool.Get().(*[]byte); ok {
		return *b
	}
	return make([]byte, copyBuffer)
}

func (p *bufferPool) Put(b []byte) { p.pool.Put(&b) }
