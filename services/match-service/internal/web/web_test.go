package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/webtest"
	"github.com/sixseat/sixseat/services/match-service/internal/web"
)

// pages are all that have an address of their own.
var pages = []string{"/match/", "/match/console"}

func get(method, path string, header ...string) *http.Response {
	return webtest.Ask(web.Handler(), method, path, header...)
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	return webtest.Text(t, res.Body)
}

// version is the one that the page gives its files.
func version(t *testing.T) string {
	t.Helper()
	page := body(t, get("GET", "/match/"))
	found := regexp.MustCompile(`src="assets/([0-9a-f]{16})/app\.js"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("the page names no app.js with a version:\n%s", page)
	}
	return found[1]
}

func TestHandler_servesEachFileWithItsTypeAndCaching(t *testing.T) {
	v := version(t)
	const forever = "public, max-age=31536000, immutable"
	tests := []struct{ path, contentType, cacheControl string }{
		{"/match/", "text/html; charset=utf-8", "no-cache"},
		{"/match/console", "text/html; charset=utf-8", "no-cache"},
		{"/match/assets/app.js", "text/javascript; charset=utf-8", "no-cache"},
		{"/match/assets/" + v + "/app.js", "text/javascript; charset=utf-8", forever},
		{"/match/assets/" + v + "/style.css", "text/css; charset=utf-8", forever},
		{"/match/assets/" + v + "/icon.svg", "image/svg+xml", forever},
		{"/match/assets/" + v + "/vendor/stompjs/client.js", "text/javascript; charset=utf-8", forever},
		{"/match/assets/" + v + "/vendor/stompjs/LICENSE", "text/plain; charset=utf-8", forever},
		{"/match/assets/0123456789abcdef/app.js", "text/javascript; charset=utf-8", "no-store"}, // another build's page
	}
	for _, test := range tests {
		res := get("GET", test.path)

		if res.StatusCode != http.StatusOK || body(t, res) == "" {
			t.Errorf("GET %s: got status %d or an empty body, want 200 with a body", test.path, res.StatusCode)
		}
		if got := res.Header.Get("Content-Type"); got != test.contentType {
			t.Errorf("GET %s: got Content-Type %q, want %q", test.path, got, test.contentType)
		}
		if got := res.Header.Get("Cache-Control"); got != test.cacheControl {
			t.Errorf("GET %s: got Cache-Control %q, want %q", test.path, got, test.cacheControl)
		}
		if got := res.Header.Get("ETag"); (got == "") != (test.cacheControl == forever) {
			t.Errorf("GET %s: got ETag %q, want one where the content may change, and there alone", test.path, got)
		}
	}
}

func TestHandler_sendsSecurityHeaders(t *testing.T) {
	for _, path := range append(pages, "/match/assets/icon.svg", "/match/assets/app.js", "/match/assets/style.css") {
		h := get("GET", path).Header

		document := !strings.HasSuffix(path, ".js") && !strings.HasSuffix(path, ".css")
		policy := h.Get("Content-Security-Policy")
		if document && (!strings.Contains(policy, "default-src 'self'") || strings.Contains(policy, "unsafe")) {
			t.Errorf("GET %s: got policy %q, want default-src 'self' and nothing unsafe", path, policy)
		}
		if !document && policy != "" {
			t.Errorf("GET %s: a policy of %d octets that no browser looks at", path, len(policy))
		}
		if got := h.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("GET %s: got X-Content-Type-Options %q, want nosniff", path, got)
		}
		if got := h.Get("Referrer-Policy"); document && got != "no-referrer" {
			t.Errorf("GET %s: got Referrer-Policy %q, want no-referrer", path, got)
		}
	}
}

func TestHandlerOr_letsThePageReachItsPicturesAndNoOtherServer(t *testing.T) {
	w := httptest.NewRecorder()

	web.HandlerOr("https://files.example", http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/match/", nil))

	policy := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "; connect-src 'self' https://files.example;") || !strings.Contains(policy, "; img-src 'self' blob:;") || strings.Count(policy, "//") != 1 {
		t.Errorf("got policy %q", policy)
	}
	if without := get("GET", "/match/").Header.Get("Content-Security-Policy"); !strings.Contains(without, "; connect-src 'self';") {
		t.Errorf("where there are no pictures: %q", without)
	}
}

func TestHandler_answers304ToWhoHasTheFile(t *testing.T) {
	for _, path := range append(pages, "/match/assets/app.js") {
		etag := get("GET", path).Header.Get("ETag")
		if etag == "" {
			t.Fatalf("GET %s: no ETag", path)
		}

		res := get("GET", path, "If-None-Match", etag)

		if res.StatusCode != http.StatusNotModified || body(t, res) != "" {
			t.Errorf("GET %s with its ETag: got status %d, want 304 without a body", path, res.StatusCode)
		}
		if res := get("GET", path, "If-None-Match", `"other"`); res.StatusCode != http.StatusOK {
			t.Errorf("GET %s with another ETag: got status %d, want 200", path, res.StatusCode)
		}
	}
}

func TestHandler_HEADHasTheHeadersOfGETWithoutBody(t *testing.T) {
	get1, head := get("GET", "/match/"), get("HEAD", "/match/")

	if head.StatusCode != http.StatusOK || body(t, head) != "" {
		t.Errorf("HEAD /match/: got status %d, want 200 without a body", head.StatusCode)
	}
	for _, name := range []string{"Content-Type", "Content-Length", "ETag", "Cache-Control"} {
		if got, want := head.Header.Get(name), get1.Header.Get(name); got != want || got == "" {
			t.Errorf("HEAD /match/: got %s %q, want %q as for GET", name, got, want)
		}
	}
}

func TestHandler_knowsNothingElse(t *testing.T) {
	v := version(t)
	for _, path := range []string{
		"/", "/match", "/match/index.html", "/match/movies", "/match/assets", "/match/assets/",
		"/match/assets/" + v, "/match/assets/" + v + "/", "/match/assets/" + v + "/nothing.js",
		"/match/assets/vendor", "/match/assets/../web.go", "/match/assets/" + v + "/../../web.go",
		"/match/assets/" + v + "/" + v + "/app.js", "/match/assets/index.html", "/match/console/", "/match/console.html", "/match/assets/console.html",
	} {
		if res := get("GET", path); res.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: got status %d, want 404", path, res.StatusCode)
		}
	}
	if res := get("POST", "/match/"); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST /match/: got status %d, Allow %q, want 405 and GET, HEAD", res.StatusCode, res.Header.Get("Allow"))
	}
}

func TestHandlerOr_leavesUnknownPathsToTheCaller(t *testing.T) {
	h := web.HandlerOr("", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	w := httptest.NewRecorder()

	h.ServeHTTP(w, httptest.NewRequest("GET", "/match/assets/nothing.js", nil))

	if w.Code != http.StatusTeapot {
		t.Errorf("got status %d, want that of the handler passed in, 418", w.Code)
	}
	if got := w.Header().Get("Content-Security-Policy"); got != "" {
		t.Errorf("got policy %q on an answer that is not ours, want none", got)
	}
}
