// Package tracetest is an OpenTelemetry collector for tests: it takes OTLP over HTTP and
// remembers the spans.
package tracetest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector remembers what it was sent.
type Collector struct {
	URL string

	mu    sync.Mutex // guards spans
	spans []*otlp.Span
}

// Start starts a Collector that ends with the test.
func Start(tb testing.TB) *Collector {
	c := &Collector{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var sent collector.ExportTraceServiceRequest
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = proto.Unmarshal(body, &sent)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			tb.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, resource := range sent.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				c.spans = append(c.spans, scope.GetSpans()...)
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	tb.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// Spans are all that came so far.
func (c *Collector) Spans() []*otlp.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*otlp.Span(nil), c.spans...)
}

// Children are the spans directly below another.
func (c *Collector) Children(of *otlp.Span) (list []*otlp.Span) {
	for _, s := range c.Spans() {
		if string(s.GetParentSpanId()) == string(of.GetSpanId()) && string(s.GetTraceId()) == string(of.GetTraceId()) {
			list = append(list, s)
		}
	}
	return list
}

// Attribute is what a span says of something, as text, or "".
func Attribute(s *otlp.Span, name string) string {
	for _, a := range s.GetAttributes() {
		if a.GetKey() == name {
			if n := a.GetValue().GetIntValue(); n != 0 {
				return strconv.FormatInt(n, 10)
			}
			return a.GetValue().GetStringValue()
		}
	}
	return ""
}
