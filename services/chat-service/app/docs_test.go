package app

import (
	"net/http"
	"strings"
	"testing"
)

// The client checks each answer against the document besides.
func TestDocs_areServed(t *testing.T) {
	n := startOnSQLite(t)
	for _, c := range []struct {
		path, part string
	}{
		{"/chat/docs", `<a href="/chat/docs/chat.asyncapi.yaml">`},
		{"/chat/docs/chat.openapi.yaml", "openapi: 3.1.0"},
		{"/chat/docs/chat.asyncapi.yaml", "asyncapi: 3.0.0"},
		{"/chat/docs/style.css", "color-scheme"},
	} {
		a := n.call("", "GET", c.path, "")
		if a.StatusCode != http.StatusOK || !a.Uncompressed || !strings.Contains(string(a.body), c.part) {
			t.Errorf("%s: %s, zipped %v, %.200s; want it zipped, with %s in it", c.path, a.Status, a.Uncompressed, a.body, c.part)
		}
		head := n.call("", "HEAD", c.path, "", "Accept-Encoding", "gzip")
		if head.StatusCode != http.StatusOK || head.Header.Get("ETag") != a.Header.Get("ETag") {
			t.Errorf("HEAD %s: %s, %v", c.path, head.Status, head.Header)
		}
		again := n.call("", "GET", c.path, "", "If-None-Match", a.Header.Get("ETag"), "Accept-Encoding", "gzip")
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("%s again: %s, want 304", c.path, again.Status)
		}
	}
	n.wantProblem("no document", n.call("", "GET", "/chat/docs/match.openapi.yaml", ""), 404, "not-found", "")
}

func TestSocket_refusesWhatIsNoHandshake(t *testing.T) {
	n := startOnSQLite(t)
	for _, path := range []string{"/chat/ws", "/ws"} {
		n.wantProblem(path, n.call("", "GET", path, ""), 400, "invalid", "Upgrade")
	}
}
