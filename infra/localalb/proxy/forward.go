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

	"github.com/sixseat/sixseat/infra/localalb/rules"
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

// passage is what the hooks of the forwarder need to know of a request.
type passage struct {
	*record
	exchange *exchange
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
		ModifyResponse: b.passBack,
		ErrorHandler:   b.answerFailure,
		BufferPool:     &bufferPool{},
		ErrorLog:       slog.NewLogLogger(b.log.Handler(), slog.LevelDebug),
	}
}

// forward sends the request to a target of its rule's group and streams the answer.
func (b *Balancer) forward(w http.ResponseWriter, r *http.Request, rec *record) {
	rec.group = b.chooseGroup(r, rec.rule.Action.Forward)
	if rec.group.spec.HTTP2 { // and the request is HTTP/1
		b.answer(w, r, rec, statusWrongProtocol)
		return
	}
	if t := rec.rule.Transforms; t != (rules.Transforms{}) {
		rec.transform = transformDone
		if rec.reason = rec.view.apply(t); rec.reason != "" {
			rec.transform = rec.reason
			b.answer(w, r, rec, http.StatusInternalServerError)
			return
		}
	}
	e := newExchange(w, r, b.listener.LoadBalancer.IdleTimeout)
	defer e.finish()
	if rec.target = rec.group.take(e, b.wishedTarget(r, rec.group)); rec.target == nil {
		b.answer(w, r, rec, http.StatusServiceUnavailable)
		return
	}
	defer rec.group.release(rec.target, e)
	in := r.WithContext(context.WithValue(e.ctx, passageKey{}, &passage{rec, e}))
	if in.Body != nil && in.Body != http.NoBody {
		in.Body = clientBody{in.Body, e}
	}
	b.forwarder.ServeHTTP(&response{w, e, rec}, in)
}

func (b *Balancer) chooseGroup(r *http.Request, f *rules.Forward) *group {
	wish := ""
	if f.StickyFor > 0 {
		wish = b.sealer.wish(r, groupCookie, groupCookie)
	}
	return b.forwards[f].next(wish)
}

func (b *Balancer) wishedTarget(r *http.Request, g *group) string {
	if g.spec.StickyFor == 0 {
		return ""
	}
	return b.sealer.wish(r, targetCookie, g.spec.Address)
}

// stick lets the client come back to where it was (user guide, sticky-sessions).
func (b *Balancer) stick(h http.Header, rec *record) {
	if d := rec.rule.Action.Forward.StickyFor; d > 0 {
		b.sealer.stick(h, groupCookie, groupCookie, rec.group.spec.Address, d)
	}
	if d := rec.group.spec.StickyFor; d > 0 {
		b.sealer.stick(h, targetCookie, rec.group.spec.Address, rec.target.address, d)
	}
}

// rewrite makes the request to the target out of the client's.
func (b *Balancer) rewrite(pr *httputil.ProxyRequest) {
	p, lb := passageOf(pr.In.Context()), b.listener.LoadBalancer
	out := pr.Out
	out.URL.Scheme, out.URL.Host = "http", p.target.address
	out.URL.RawQuery = p.view.query // httputil drops what net/url cannot parse
	if path := p.view.path; !strings.HasPrefix(path, "//") {
		out.URL.Opaque = path // sent as it is; with "//" in front net/url would make it a host, so it encodes that one
	}
	out.Host = hostFor(pr.In, lb, p.view)
	if lb.DropInvalid {
		dropInvalid(out.Header)
	}
	setForwarded(out.Header, pr.In.Header, lb, p.view)
	p.asked = time.Now()
	p.trace = setTrace(out.Header, p.asked, p.view.headerBytes)
}

// passBack puts the exchange's watch on the way back, and what ALB adds to an answer.
func (b *Balancer) passBack(res *http.Response) error {
	p := passageOf(res.Request.Context())
	p.exchange.touch()
	p.answered, p.status, p.targetStatus = time.Now(), res.StatusCode, res.StatusCode
	b.stick(res.Header, p.record)
	b.setResponseHeaders(res.Header)
	if res.StatusCode != http.StatusSwitchingProtocols {
		res.Body = targetBody{res.Body, p.exchange}
		return nil
	}
	socket, ok := res.Body.(io.ReadWriteCloser)
	if !ok {
		return fmt.Errorf("switch protocols: connection is %T", res.Body)
	}
	if asked, got := res.Request.Header.Get("Upgrade"), res.Header.Get("Upgrade"); asked == "" || !strings.EqualFold(asked, got) {
		return fmt.Errorf("target switches to protocol %q, asked for was %q", got, asked) // httputil would not close the connection
	}
	res.Body = targetSocket{socket, p.exchange}
	return nil
}

// answerFailure says in ALB's codes why there is no answer from the target
// (user guide, load-balancer-troubleshooting).
func (b *Balancer) answerFailure(w http.ResponseWriter, r *http.Request, err error) {
	p := passageOf(r.Context())
	status := failureStatus(p.exchange, err)
	b.log.Info("no answer from target", "status", status, "method", p.method,
		"path", p.view.request.Path, "target", p.target.address, "err", err)
	b.answer(w, r, p.record, status)
}

func failureStatus(e *exchange, err error) int {
	cause := context.Cause(e.ctx)
	switch {
	case errors.Is(cause, errClientIdle):
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
