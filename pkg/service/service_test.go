package service

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
)

func TestRequestID(t *testing.T) {
	trace := "Root=1-67891233-abcdef012345678912345678;Parent=1"
	for _, c := range []struct {
		what         string
		amzn, caller string
		want         string // "": a new one
	}{
		{"the caller's", "", "abc-1", "abc-1"},
		{"the caller's before the load balancer's, which adds one to every request", trace, "abc-1", "abc-1"},
		{"the load balancer's", trace, "", trace},
		{"nobody's", "", "", ""},
		{"one that would break a log line", "", "a b", ""},
		{"one with quotes", "", `a"b`, ""},
		{"one of another script", "", "한", ""},
		{"the longest", "", strings.Repeat("x", maxRequestIDBytes), strings.Repeat("x", maxRequestIDBytes)},
		{"one too long", "", strings.Repeat("x", maxRequestIDBytes+1), ""},
		{"an odd trace, a good id", "a b", "abc-1", "abc-1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("X-Amzn-Trace-Id", c.amzn)
		r.Header.Set("X-Request-Id", c.caller)
		var inside string
		rec := httptest.NewRecorder()
		Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { inside = RequestID(r.Context()) }), NewMetrics("test"), slog.New(slog.DiscardHandler)).ServeHTTP(rec, r)
		got := rec.Header().Get("X-Request-Id")
		if got == "" || got != inside || c.want != "" && got != c.want || c.want == "" && (got == c.caller || got == c.amzn) {
			t.Errorf("%s: answered %q, inside %q; want %q", c.what, got, inside, c.want)
		}
	}
	if id := RequestID(context.Background()); id != "" {
		t.Errorf("no request has the id %q", id)
	}
}

func TestWrap_logsTheRequestWithItsID(t *testing.T) {
	var log bytes.Buffer
	logger, err := NewLogger(&log, "test", "json", "info")
	if err != nil {
		t.Fatal(err)
	}
	h := Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panic" {
			panic("a bug")
		}
		if r.URL.Path == "/lost" {
			fault.Write(w, r, fault.New(fault.NotFound, "No."))
		}
	}), NewMetrics("test"), logger)
	for path, parts := range map[string][]string{
		"/lost":         {`"status":404`, `"path":"/lost"`, `"level":"INFO"`, `"service":"test"`},
		"/panic":        {`"status":500`, `"level":"ERROR"`, `"stack":`},
		"/chat/healthz": nil, // asked every few seconds for ever
	} {
		log.Reset()
		r := httptest.NewRequest("GET", path+"?token=asked-for", nil)
		r.Header.Set("X-Request-Id", "id-1")
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if parts == nil && log.Len() != 0 {
			t.Errorf("%s is logged: %s", path, log.String())
		}
		for _, part := range append(parts, "") {
			if !strings.Contains(log.String(), part) || parts != nil && !strings.Contains(log.String(), `"request_id":"id-1"`) {
				t.Errorf("%s: want %s and the id in %s", path, part, log.String())
			}
		}
		if strings.Contains(log.String(), "asked-for") {
			t.Errorf("%s: the query is logged: %s", path, log.String())
		}
		if path == "/panic" && (rec.Code != 500 || !strings.Contains(rec.Body.String(), "urn:sixseat:problem:internal") || strings.Contains(rec.Body.String(), "a bug")) {
			t.Errorf("a panic is answered with %d %s", rec.Code, rec.Body)
		}
	}
}

func TestOrigins_check(t *testing.T) {
	o := NewOrigins([]string{"https://friend.example", "http://localhost:3000"})
	for _, c := range []struct {
		origin, host string
		ok           bool
	}{
		{"", "chat.test", true},
		{"https://chat.test", "chat.test", true},
		{"http://chat.test:8080", "chat.test:8080", true},
		{"https://chat.test:8443", "chat.test", true}, // the load balancer takes the port out
		{"https://friend.example", "chat.test", true},
		{"http://localhost:3000", "chat.test", true},
		{"http://friend.example", "chat.test", false},
		{"https://friend.example:444", "chat.test", false},
		{"https://evil.example", "chat.test", false},
		{"https://chat.test.evil.example", "chat.test", false},
		{"https://evil.example/chat.test", "chat.test", false},
		{"http://chat.test:8081", "chat.test:8080", false},
		{"null", "chat.test", false},
		{"://", "chat.test", false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = c.host
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if err := o.Check(r); (err == nil) != c.ok || err != nil && !fault.Is(err, fault.Forbidden) {
			t.Errorf("origin %q at host %q: %v, want it taken: %v", c.origin, c.host, err, c.ok)
		}
	}
}

func TestOrigins_guardAnswersPreflights(t *testing.T) {
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	h := NewOrigins([]string{"https://friend.example"}).Guard(next)
	ask := func(method, origin string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "http://chat.test/", nil)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		r.Header.Set("Access-Control-Request-Method", "PUT")
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		return rec
	}
	if rec := ask("OPTIONS", "https://friend.example"); rec.Code != 204 || rec.Header().Get("Access-Control-Allow-Origin") != "https://friend.example" ||
		!strings.Contains(rec.Header().Get("Access-Control-Allow-Headers"), "Authorization") || !strings.Contains(rec.Header().Get("Vary"), "Origin") {
		t.Errorf("a friend's preflight: %d %v", rec.Code, rec.Header())
	}
	if rec := ask("GET", "https://friend.example"); rec.Code != http.StatusTeapot || rec.Header().Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("a friend's request: %d %v", rec.Code, rec.Header())
	}
	for _, method := range []string{"OPTIONS", "GET"} {
		if rec := ask(method, "https://evil.example"); rec.Code != 403 || rec.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("a stranger's %s: %d %v", method, rec.Code, rec.Header())
		}
	}
	if rec := ask("GET", ""); rec.Code != http.StatusTeapot || rec.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("no browser: %d %v", rec.Code, rec.Header())
	}
}

type testConfig struct {
	Config

	Rate  float64       `env:"RATE" envDefault:"10" help:"a rate"`
	Grace time.Duration `env:"GRACE" help:"a time"`
}

func TestLoadFrom_reportsAllProblemsTogether(t *testing.T) {
	_, err := LoadFrom[testConfig](map[string]string{"RATE": "fast", "GRACE": "soon", "DRAIN_WINDOW": "1"})
	if err == nil {
		t.Fatal("nothing was wrong")
	}
	for _, name := range []string{"RATE", "GRACE", "DRAIN_WINDOW"} {
		if !strings.Contains(err.Error(), name+": ") {
			t.Errorf("%s is missing in %v", name, err)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("not one line: %v", err)
	}
}

func TestLoadFrom_refusesWhatIsBelowZero(t *testing.T) {
	for value, ok := range map[string]bool{"-1": false, "-0.1": false, "NaN": false, "+Inf": false, "0": true, "0.5": true} {
		_, err := LoadFrom[testConfig](map[string]string{"RATE": value})
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "RATE: must be 0 or more") {
			t.Errorf("RATE=%s: %v", value, err)
		}
	}
	_, err := LoadFrom[testConfig](map[string]string{"RATE": "-1", "DRAIN_WINDOW": "-1s"})
	if err == nil || !strings.Contains(err.Error(), "RATE: ") || !strings.Contains(err.Error(), "DRAIN_WINDOW: ") {
		t.Errorf("both are named: %v", err)
	}
}

func TestLoadFrom_defaults(t *testing.T) {
	cfg, err := LoadFrom[testConfig](map[string]string{"ALLOWED_ORIGINS": "https://a,https://b", "RATE": "0"})
	if err != nil || cfg.Addr != ":8080" || cfg.Rate != 0 || cfg.DrainWindow != time.Minute || len(cfg.AllowedOrigins) != 2 {
		t.Errorf("%+v, %v", cfg, err)
	}
}

func TestSettings_listsEveryVariableWithItsHelp(t *testing.T) {
	list, err := Settings[testConfig]()
	if err != nil {
		t.Fatal(err)
	}
	table := Table(list)
	for _, line := range []string{"| `ADDR` | `:8080` | public listener, host:port |", "| `RATE` | `10` | a rate |", "| `GRACE` | - | a time |"} {
		if !strings.Contains(table, line+"\n") {
			t.Errorf("%s is missing in\n%s", line, table)
		}
	}
	for _, s := range list {
		if s.Help == "" {
			t.Errorf("%s has no help tag", s.Name)
		}
	}
}

func TestHealth(t *testing.T) {
	var away error
	h := NewHealth(map[string]func(context.Context) error{"database": func(context.Context) error { return away }})
	ask := func(f http.HandlerFunc) int {
		rec := httptest.NewRecorder()
		f(rec, httptest.NewRequest("GET", "/healthz", nil))
		return rec.Code
	}
	if a, r := ask(h.Alive), ask(h.Ready); a != 200 || r != 200 {
		t.Errorf("well: alive %d, ready %d", a, r)
	}
	away = errors.New("no route")
	if a, r := ask(h.Alive), ask(h.Ready); a != 200 || r != 503 {
		t.Errorf("store away: alive %d, ready %d; the load balancer's check must ask no store", a, r)
	}
	away = nil
	h.Drain()
	h.Drain()
	if a, r := ask(h.Alive), ask(h.Ready); a != 503 || r != 503 {
		t.Errorf("draining: alive %d, ready %d", a, r)
	}
	<-h.Draining()
}

func TestHealth_readyWaitsForNoStoreForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHealth(map[string]func(context.Context) error{"database": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }})
		begin := time.Now()
		rec := httptest.NewRecorder()
		h.Ready(rec, httptest.NewRequest("GET", "/readyz", nil))
		if took := time.Since(begin); rec.Code != 503 || took != readyTimeout {
			t.Errorf("%d after %v", rec.Code, took)
		}
	})
}

func TestNewLogger_refusesWhatItDoesNotKnow(t *testing.T) {
	for _, c := range [][2]string{{"xml", "info"}, {"json", "loud"}} {
		if _, err := NewLogger(io.Discard, "test", c[0], c[1]); err == nil || !strings.Contains(err.Error(), "LOG_") {
			t.Errorf("%v: %v; want the variable named", c, err)
		}
	}
}

func TestRun_exitCodes(t *testing.T) {
	verbs := map[string]Verb{
		"serve": func(context.Context) error { return nil },
		"fail":  func(context.Context) error { return errors.New("no such table") },
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{nil, 0, ""},
		{[]string{"serve"}, 0, ""},
		{[]string{"fail"}, 1, "name: no such table\n"},
		{[]string{"dance"}, 2, "usage: name fail|serve\n"},
		{[]string{"serve", "now"}, 2, "usage: name fail|serve\n"},
	} {
		var stderr bytes.Buffer
		if code := run("name", verbs, c.args, &stderr); code != c.code || stderr.String() != c.says {
			t.Errorf("%v: exit %d, %q; want %d, %q", c.args, code, stderr.String(), c.code, c.says)
		}
	}
}
