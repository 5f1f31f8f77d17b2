package app

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/tracetest"
)

func TestTraces_aRequestAndItsRedis(t *testing.T) {
	collector := tracetest.Start(t)
	n := start(t, token.NewSeed(), embeddedParts(t)(), "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
	id := uuid.NewString()
	n.enter(id, 1)
	eventually(t, "Redis is asked who is online", n.app.live.Sure)
	n.call("member1", "GET", "/chat/rooms/"+id, "", "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "X-Request-Id", "abc-1")
	n.call("", "GET", "/chat/healthz", "")
	n.stop() // sends what waits

	found := false
	for _, s := range collector.Spans() {
		if s.GetKind() == otlp.Span_SPAN_KIND_CLIENT && len(s.GetParentSpanId()) == 0 {
			t.Errorf("%s belongs to no request", s.GetName())
		}
		if text := s.String(); strings.Contains(text, "eyJ") || strings.Contains(text, "nick of") || strings.Contains(text, "healthz") {
			t.Errorf("a token, a name or a health check is traced: %s", text)
		}
		if string(s.GetParentSpanId()) != "\x00\xf0\x67\xaa\x0b\xa9\x02\xb7" {
			continue
		}
		found = true
		for name, want := range map[string]string{"http.route": "/chat/rooms/:roomId", "http.response.status_code": "200", "request_id": "abc-1"} {
			if got := tracetest.Attribute(s, name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		below := collector.Children(s)
		if len(below) == 0 || tracetest.Attribute(below[0], "db.system") != "redis" {
			t.Errorf("below the request is %v, want what Redis was asked", below)
		}
	}
	if !found {
		t.Errorf("no span goes on with the caller's: %v", collector.Spans())
	}
}

// A collector that takes connections and says nothing is nobody's problem but its own.
func TestTraces_aCollectorThatHangs(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	n := start(t, token.NewSeed(), embeddedParts(t)(), "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+silent.Addr().String())
	for range 3000 { // more than may wait to be sent
		n.call("", "GET", "/nowhere", "")
	}
	if a := n.call("member1", "GET", "/chat/rooms", ""); a.StatusCode != http.StatusOK {
		t.Error(a.Status)
	}
	begin := time.Now()
	n.stop()
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("the process took %v to stop", took)
	}
	wantLog(t, n, "last traces not sent")
}

func TestTraces_anEndpointThatIsNone(t *testing.T) {
	for _, endpoint := range []string{"collector:4318", "ftp://collector", "http://", "http://%"} {
		parts := embeddedParts(t)()
		if err := Migrate(t.Context(), parts.Dialector); err != nil {
			t.Fatal(err)
		}
		cfg := Config{JWKSURL: "http://127.0.0.1:1/"}
		cfg.Traces = endpoint
		if _, err := New(t.Context(), cfg, parts); err == nil || !strings.Contains(err.Error(), "OTEL_EXPORTER_OTLP_ENDPOINT") {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}
