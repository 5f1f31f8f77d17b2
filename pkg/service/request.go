package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/felixge/httpsnoop"
	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/fault"
)

type requestKey struct{}

// request is what Wrap knows of a request.
type request struct {
	id     string
	start  time.Time
	route  string // set by Route
	status int    // 0 until the answer begins
}

// RequestID is the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	if about, ok := ctx.Value(requestKey{}).(*request); ok {
		return about.id
	}
	return ""
}

// Route says which route a request within Wrap takes, by its template: /chat/rooms/:roomId.
// A router calls it, for metrics: the path itself has ids.
func Route(r *http.Request, template string) {
	if about, ok := r.Context().Value(requestKey{}).(*request); ok {
		about.route = template
	}
}

var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9=;:._/+-]+$`)

// requestID takes the id that the caller sent, else the load balancer's trace id, which is
// on every request that came through it, or makes one.
// An id of odd characters or length is not taken over: it would end up in log lines.
func requestID(r *http.Request) string {
	for _, h := range []string{"X-Request-Id", "X-Amzn-Trace-Id"} {
		if id := r.Header.Get(h); len(id) <= maxRequestIDBytes && requestIDForm.MatchString(id) {
			return id
		}
	}
	return uuid.Must(uuid.NewV7()).String()
}

// Wrap puts around a service's handler what each request needs: an id in X-Request-Id
// and in the log line, a place in the metrics, and a problem instead of an empty answer
// when a handler panics.
func Wrap(next http.Handler, metrics *Metrics, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		about := &request{id: requestID(r), start: time.Now()}
		w.Header().Set("X-Request-Id", about.id)
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, about))
		m := httpsnoop.CaptureMetricsFn(metrics.watch(w, r, about), func(w http.ResponseWriter) { serve(next, w, r, log) })
		metrics.answered(r, about, m.Code) // unless it wrote a status: net/http writes one behind a handler that did not
		log.Log(r.Context(), levelOf(r.URL.Path, about.status), "request", "request_id", about.id, "method", r.Method, "path", r.URL.Path,
			"status", about.status, "bytes", m.Written, "ms", time.Since(about.start).Milliseconds())
	})
}

// levelOf keeps the load balancer's endless health checks out of the log.
func levelOf(path string, status int) slog.Level {
	switch {
	case status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable:
		return slog.LevelError
	case strings.HasSuffix(path, "/healthz") && status == http.StatusOK:
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

func serve(next http.Handler, w http.ResponseWriter, r *http.Request, log *slog.Logger) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler { // the handler's way to cut an answer short
			panic(p)
		}
		log.Error("panic", "request_id", RequestID(r.Context()), "path", r.URL.Path, "err", p, "stack", string(debug.Stack()))
		fault.Write(w, r, fmt.Errorf("panic: %v", p))
	}()
	next.ServeHTTP(w, r)
}

// Fail answers a request with err and logs what the client may not know.
func Fail(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	level := slog.LevelDebug
	switch e := fault.From(err); {
	case e.Kind == fault.Internal:
		level = slog.LevelError
	case e.Kind == fault.Unavailable && !errors.Is(err, context.Canceled): // a client may go when it likes
		level = slog.LevelWarn
	}
	log.Log(r.Context(), level, "request failed", "request_id", RequestID(r.Context()), "path", r.URL.Path, "err", err)
	fault.Write(w, r, err)
}
