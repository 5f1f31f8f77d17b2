// Package apidocs holds the documents of both services' interfaces and shows them: OpenAPI
// 3.1 for HTTP, AsyncAPI 3.0 for STOMP, as files and as one page for people each.
//
// The documents are written by hand and kept true by tests: apitest checks what the running
// services say against them. The services serve them; nothing else here depends on them.
package apidocs

import (
	"embed"
	"net/http"
	"path"
	"sync"

	"github.com/sixseat/sixseat/pkg/webfile"
)

// The documents, by their names in Files and below a page's address.
const (
	MatchOpenAPI = "match.openapi.yaml"
	ChatOpenAPI  = "chat.openapi.yaml"
	ChatAsyncAPI = "chat.asyncapi.yaml"
)

// Files are the documents and the page's style and icon.
//
//go:embed *.yaml style.css icon.svg
var Files embed.FS

// policy is the page's Content-Security-Policy: it has a style and no script.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// contentTypes are those of a page and of the files beside it. Browsers show YAML as the
// text that it is (RFC 9512 asks for nothing else of them).
var contentTypes = map[string]string{
	"":      "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
	".yaml": "application/yaml; charset=utf-8",
}

// Match serves match-service's document: the page at /match/docs, the files below it.
// notFound answers all other paths.
func Match(notFound http.Handler) http.Handler { return newSite("/match/docs", matchPage, notFound) }

// Chat serves chat-service's documents, likewise at /chat/docs.
func Chat(notFound http.Handler) http.Handler { return newSite("/chat/docs", chatPage, notFound) }

// site is a page and the files below its address.
type site struct {
	files    func() map[string]*webfile.File // by path; made at the first request, since few processes are ever asked
	notFound http.Handler
}

func newSite(address string, p pageOf, notFound http.Handler) *site {
	return &site{notFound: notFound, files: sync.OnceValue(func() map[string]*webfile.File {
		page, err := p.render()
		if err != nil { // a test renders all pages
			panic("apidocs: " + err.Error())
		}
		files := map[string]*webfile.File{address: webfile.New(contentTypes[""], page)}
		for _, name := range append(p.documents, "style.css", "icon.svg") {
			body, err := Files.ReadFile(name)
			if err != nil {
				panic("apidocs: " + err.Error())
			}
			files[address+"/"+name] = webfile.New(contentTypes[path.Ext(name)], body)
		}
		return files
	})}
}

// ServeHTTP implements http.Handler for GET and HEAD.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, known := s.files()[r.URL.Path]
	if !known {
		s.notFound.ServeHTTP(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache") // may be kept, but ask with If-None-Match
	f.ServeHTTP(w, r)
}
