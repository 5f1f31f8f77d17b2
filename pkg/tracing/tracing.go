// Package tracing sends traces of requests to an OpenTelemetry collector where there is
// one, and costs nothing where there is none. It never holds a request up: spans wait in
// a bounded queue, and what a collector does not take is lost.
//
// A span has the route, the status and the names of Redis commands, never their arguments,
// a body or a token.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/sixseat/sixseat/pkg/service"
)

// Tracing is a service's traces. A nil one traces nothing.
type Tracing struct {
	name     string
	provider *sdktrace.TracerProvider
	log      *slog.Logger
}

// Open makes the traces of the service of this name, for a collector at endpoint, which
// speaks OTLP over HTTP: http://collector:4318. It is nil for an empty endpoint. What
// else OpenTelemetry reads from the environment (OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME,
// OTEL_RESOURCE_ATTRIBUTES, OTEL_EXPORTER_OTLP_HEADERS), it does.
func Open(ctx context.Context, endpoint, name string, log *slog.Logger) (*Tracing, error) {
	if endpoint == "" {
		return nil, nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("OTEL_EXPORTER_OTLP_ENDPOINT must be like http://collector:4318")
	}
	client, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(u.JoinPath("v1/traces").String()),
		otlptracehttp.WithTimeout(exportTimeout), otlptracehttp.WithRetry(otlptracehttp.RetryConfig{})) // the next batch is the retry
	if err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Debug("OpenTelemetry", "err", err) })) // it would print by itself
	about, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", name), attribute.String("service.version", service.Version)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	return &Tracing{name: name, log: log, provider: sdktrace.NewTracerProvider(
		sdktrace.WithResource(about),
		sdktrace.WithBatcher(&exporter{SpanExporter: client, log: log}, sdktrace.WithMaxQueueSize(maxQueued),
			sdktrace.WithMaxExportBatchSize(maxBatch), sdktrace.WithBatchTimeout(exportEvery), sdktrace.WithExportTimeout(exportTimeout)),
	)}, nil
}

// exporter tells the log when a collector goes and comes, once each.
type exporter struct {
	sdktrace.SpanExporter
	log     *slog.Logger
	failing atomic.Bool
}

// ExportSpans implements sdktrace.SpanExporter.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	if failed := err != nil; e.failing.Swap(failed) != failed {
		e.log.Warn("sending traces", "failing", failed, "err", err)
	}
	return nil // it is said; the SDK would print it by itself
}

// Middleware traces the requests of a router, but for health checks. A caller's W3C
// traceparent is gone on with.
func (t *Tracing) Middleware() []gin.HandlerFunc {
	if t == nil {
		return nil
	}
	return []gin.HandlerFunc{
		otelgin.Middleware(t.name, otelgin.WithTracerProvider(t.provider), otelgin.WithPropagators(propagation.TraceContext{}),
			otelgin.WithGinFilter(func(c *gin.Context) bool { return !strings.HasSuffix(c.FullPath(), "/healthz") })),
		func(c *gin.Context) {
			ctx := c.Request.Context()
			trace.SpanFromContext(ctx).SetAttributes(attribute.String("request_id", service.RequestID(ctx)))
		},
	}
}

// Within is a provider for what happens within traced requests: it makes spans below one
// of ours and none of their own, so that what a node does by itself every second fills no
// collector. It is nil where nothing is traced.
func (t *Tracing) Within() trace.TracerProvider {
	if t == nil {
		return nil
	}
	return within{TracerProvider: t.provider}
}

// Close sends what waits, for at most flushTimeout.
func (t *Tracing) Close() {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		t.log.Warn("last traces not sent", "err", err)
	}
}
