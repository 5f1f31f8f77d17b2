package app_test

import (
	"context"
	"strings"
	"testing"

	otlp "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/sixseat/sixseat/pkg/tracetest"
	"github.com/sixseat/sixseat/services/match-service/app"
)

func TestTraces_aRequestAndItsRedis(t *testing.T) {
	collector := tracetest.Start(t)
	cfg := testConfig()
	cfg.Traces = collector.URL
	w := start(t, cfg, app.Parts{Dialector: migratedSQLite(t), Redis: newMiniredis(t), Log: discard})
	ada := w.member("adaSecret")
	w.join(ada, jaws)
	w.do("GET", "/match/healthz", "", "")
	if err := w.stop(); err != nil { // sends what waits
		t.Fatal(err)
	}

	found := false
	for _, s := range collector.Spans() {
		if s.GetKind() == otlp.Span_SPAN_KIND_CLIENT && len(s.GetParentSpanId()) == 0 {
			t.Errorf("%s belongs to no request", s.GetName())
		}
		if text := s.String(); strings.Contains(text, "eyJ") || strings.Contains(text, "adaSecret") || strings.Contains(text, "healthz") {
			t.Errorf("a token, a name or a health check is traced: %s", text)
		}
		if tracetest.Attribute(s, "http.route") != "/match/queue" {
			continue
		}
		found = true
		w.equal("status", tracetest.Attribute(s, "http.response.status_code"), "200")
		below := collector.Children(s)
		if len(below) == 0 || tracetest.Attribute(below[0], "db.system") != "redis" {
			t.Errorf("below the request is %v, want what Redis was asked", below)
		}
	}
	if !found {
		t.Errorf("no span of the join: %v", collector.Spans())
	}
}

func TestTraces_anEndpointThatIsNone(t *testing.T) {
	cfg := testConfig()
	cfg.Traces = "collector:4318"
	_, err := app.New(context.Background(), cfg, app.Parts{Dialector: migratedSQLite(t), Redis: newMiniredis(t), Log: discard})
	if err == nil || !strings.Contains(err.Error(), "OTEL_EXPORTER_OTLP_ENDPOINT") {
		t.Error(err)
	}
}
