package service

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestWrap_countsByRouteAndNotByPath(t *testing.T) {
	m := NewMetrics("test")
	h := Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/rooms/") {
			Route(r, "/rooms/:roomId")
		} else {
			w.WriteHeader(http.StatusNotFound)
		}
	}), m, slog.New(slog.DiscardHandler))
	for i := range 100 {
		for _, path := range []string{"/rooms/", "/nowhere/"} {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", fmt.Sprint(path, i), nil))
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(fmt.Sprint("MADEUP", i), path, nil))
		}
	}
	want := `
# HELP http_requests_total Requests to the public listener, by the template of their route (none: no route), method and status.
# TYPE http_requests_total counter
http_requests_total{method="GET",route="/rooms/:roomId",status="200"} 100
http_requests_total{method="GET",route="none",status="404"} 100
http_requests_total{method="other",route="/rooms/:roomId",status="200"} 100
http_requests_total{method="other",route="none",status="404"} 100
`
	if err := testutil.GatherAndCompare(m, bytes.NewBufferString(want), "http_requests_total"); err != nil {
		t.Error(err)
	}
}

// An event stream is as slow as its first octet, not as its life.
func TestWrap_measuresToTheBeginningOfTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMetrics("test")
		h := Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			Route(r, "/stream")
			time.Sleep(300 * time.Millisecond)
			w.WriteHeader(http.StatusEarlyHints)
			time.Sleep(300 * time.Millisecond)
			w.WriteHeader(http.StatusOK)
			time.Sleep(time.Hour)
		}), m, slog.New(slog.DiscardHandler))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/stream", nil))
		families, err := m.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == "http_request_seconds" {
				if got := f.GetMetric()[0].GetHistogram().GetSampleSum(); got != .6 {
					t.Errorf("%v s, want 0.6", got)
				}
				return
			}
		}
		t.Error("nothing was measured")
	})
}
