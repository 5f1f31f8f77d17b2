package apidocs

import (
	"compress/gzip"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/webtest"
)

func get(site http.Handler, path string, header ...string) *http.Response {
	return webtest.Ask(site, "GET", path, header...)
}

var sites = map[string]http.Handler{"match": Match(http.NotFoundHandler()), "chat": Chat(http.NotFoundHandler())}

func TestSite_servesPageDocumentsAndStyle(t *testing.T) {
	for service, files := range map[string][]string{"match": matchPage.documents, "chat": chatPage.documents} {
		at := "/" + service + "/docs"
		types := map[string]string{at: "text/html; charset=utf-8", at + "/style.css": "text/css; charset=utf-8", at + "/icon.svg": "image/svg+xml"}
		for _, name := range files {
			types[at+"/"+name] = "application/yaml; charset=utf-8"
		}
		for path, kind := range types {
			resp := get(sites[service], path)
			if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != kind || webtest.Text(t, resp.Body) == "" {
				t.Errorf("%s: %s, %s; want 200 and %s", path, resp.Status, resp.Header.Get("Content-Type"), kind)
			}
			policy := resp.Header.Get("Content-Security-Policy")
			if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
				t.Errorf("%s: policy %q", path, policy)
			}
			if again := get(sites[service], path, "If-None-Match", resp.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
				t.Errorf("%s with its ETag: %s, want 304", path, again.Status)
			}
		}
		for _, path := range []string{at + "/", at + "/page.html", at + "/apidocs.go", at + "/../docs/style.css", "/docs"} {
			if resp := get(sites[service], path); resp.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %s, want 404", path, resp.Status)
			}
		}
	}
}

func TestSite_zipsForWhoTakesIt(t *testing.T) {
	plain := get(sites["chat"], "/chat/docs")
	zipped := get(sites["chat"], "/chat/docs", "Accept-Encoding", "br, gzip")

	if zipped.Header.Get("Content-Encoding") != "gzip" || zipped.Header.Get("Vary") != "Accept-Encoding" || zipped.Header.Get("ETag") == plain.Header.Get("ETag") {
		t.Errorf("headers: %v", zipped.Header)
	}
	r, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if webtest.Text(t, r) != webtest.Text(t, plain.Body) {
		t.Error("zipped and plain differ")
	}
}

var (
	identity = regexp.MustCompile(`\sid="([^"]*)"`)
	link     = regexp.MustCompile(`\shref="([^"]*)"`)
)

func TestPage_linksLeadSomewhereAndNamesAreUnique(t *testing.T) {
	for service, site := range sites {
		page := webtest.Text(t, get(site, "/"+service+"/docs").Body)
		ids := map[string]bool{}
		for _, m := range identity.FindAllStringSubmatch(page, -1) {
			if ids[m[1]] {
				t.Errorf("%s: %s stands there twice", service, m[1])
			}
			ids[m[1]] = true
		}
		for _, m := range link.FindAllStringSubmatch(page, -1) {
			to := html.UnescapeString(m[1])
			if name, inside := strings.CutPrefix(to, "#"); inside && !ids[name] {
				t.Errorf("%s: nothing is at %s", service, to)
			} else if other := strings.Split(to, "/"); !inside && (other[0] != "" || get(sites[other[1]], to).StatusCode != http.StatusOK) {
				t.Errorf("%s: %s is not served", service, to)
			}
		}
		if len(ids) < 30 {
			t.Errorf("%s: only %d names: this test finds nothing", service, len(ids))
		}
	}
}

// The policy would refuse it, and nothing may come from elsewhere.
func TestPage_hasNothingInlineAndNothingForeign(t *testing.T) {
	for service, site := range sites {
		page := webtest.Text(t, get(site, "/"+service+"/docs").Body)
		if hit := regexp.MustCompile(`<script|<style|\sstyle=|\son\w+=|(src|href)="(https?:)?//`).FindString(page); hit != "" {
			t.Errorf("%s: the page has %s", service, hit)
		}
	}
}

// What the documents hold is shown: reading them is strict, and this is what is easily left
// out of a page.
func TestPage_showsAllOperationsAndDestinations(t *testing.T) {
	match, chat := webtest.Text(t, get(sites["match"], "/match/docs").Body), webtest.Text(t, get(sites["chat"], "/chat/docs").Body)
	for page, document := range map[string]string{match: MatchOpenAPI, chat: ChatOpenAPI} {
		var doc openAPI
		if err := read(document, &doc); err != nil {
			t.Fatal(err)
		}
		for _, path := range doc.Paths {
			for _, method := range path.Value {
				if !strings.Contains(page, `<section id="op-`+method.Value.ID+`"`) {
					t.Errorf("%s %s is not shown: it needs exactly one of the document's tags", method.Key, path.Key)
				}
			}
		}
	}
	var doc asyncAPI
	if err := read(ChatAsyncAPI, &doc); err != nil {
		t.Fatal(err)
	}
	for _, c := range doc.Channels {
		if !strings.Contains(chat, "<code>"+address(c.Value)+"</code>") {
			t.Errorf("%s is not shown", c.Value.Address)
		}
	}
}
