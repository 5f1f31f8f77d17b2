package app_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// The client checks each answer against the document besides.
func TestDocs_areServed(t *testing.T) {
	w := newWorld(t)
	page := w.do("GET", "/match/docs", "", "")
	if page.status != http.StatusOK || !strings.Contains(string(page.body), `<a href="/match/docs/match.openapi.yaml">`) {
		t.Errorf("the page: %.200s", page)
	}
	document := w.do("GET", "/match/docs/match.openapi.yaml", "", "")
	if document.status != http.StatusOK || !strings.HasPrefix(string(document.body), "openapi: 3.1.0") {
		t.Errorf("the document: %.200s", document)
	}
	for _, path := range []string{"/match/docs", "/match/docs/style.css", "/match/docs/icon.svg"} {
		w.equal("HEAD "+path, w.do("HEAD", path, "", "").status, http.StatusOK)
	}
	w.equal("no document", w.do("GET", "/match/docs/chat.openapi.yaml", "", "").status, http.StatusNotFound)
}

func TestPage_isServedWithItsFiles(t *testing.T) {
	w := newWorld(t)
	for _, address := range []string{"/match/", "/match/console"} {
		page := w.do("GET", address, "", "")
		script := regexp.MustCompile(`src="(assets/[^"]+)"`).FindSubmatch(page.body)
		if script == nil {
			t.Fatalf("%s has no script: %s", address, page)
		}
		for _, path := range []string{address, "/match/" + string(script[1])} {
			w.equal("GET "+path, w.do("GET", path, "", "").status, http.StatusOK)
			w.equal("HEAD "+path, w.do("HEAD", path, "", "").status, http.StatusOK)
		}
	}
}
