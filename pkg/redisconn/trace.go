package redisconn

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/extra/redisotel/v9"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/trace"
)

// Trace makes spans of what client is asked, by the names of commands; their arguments
// are members' names and ids, and stay here. A nil provider makes none.
func Trace(client redis.UniversalClient, provider trace.TracerProvider) error {
	if client == nil || provider == nil {
		return nil
	}
	err := redisotel.InstrumentTracing(client, redisotel.WithTracerProvider(provider), redisotel.WithDBStatement(false), redisotel.WithCallerEnabled(false))
	if err != nil {
		return fmt.Errorf("trace Redis: %w", err)
	}
	return nil
}

// Traced reports whether what is asked of Redis with ctx is a span of a request. It cannot
// be one where it shares a pipeline with what others ask.
func Traced(ctx context.Context) bool { return trace.SpanFromContext(ctx).IsRecording() }
