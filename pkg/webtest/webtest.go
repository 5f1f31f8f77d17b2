// Package webtest asks a handler as a browser does, without a network, for tests.
package webtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Ask is what a handler answers; header are names and values in turn.
func Ask(h http.Handler, method, path string, header ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// Text reads a body, or what was in it, to its end.
func Text(t testing.TB, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal("read body:", err)
	}
	return string(b)
}
