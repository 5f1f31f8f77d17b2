package web

import (
	"net/http"
	"path"
	"strings"

	"github.com/sixseat/sixseat/pkg/webfile"
)

const assetPath = "/match/assets/"

// What browsers and caches may keep.
const (
	keepForever = "public, max-age=31536000, immutable" // the address changes with the content
	askAgain    = "no-cache"                            // may be kept, but ask with If-None-Match
	keepNothing = "no-store"
)

// policyFor is the pages' Content-Security-Policy. Nothing comes from elsewhere but
// pictures, which are fetched from files, if that is an origin, and shown as blobs; nothing
// inline runs, and no string becomes HTML or script ('self' in connect-src covers the
// WebSocket of the same origin, CSP3 section 6.7.2.8).
func policyFor(files string) string {
	return "default-src 'self'; img-src 'self' blob:; " + strings.TrimSpace("connect-src 'self' "+files) + "; object-src 'none'; base-uri 'none'; " +
		"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}

// Handler serves the pages at their addresses and their files at /match/assets/; anything else
// is answered with http.NotFound.
func Handler() http.Handler { return HandlerOr("", http.NotFoundHandler()) }

// HandlerOr is Handler for pages that put pictures at an origin and find them there, unless
// it is empty, with notFound answering all paths that have no file.
func HandlerOr(files string, notFound http.Handler) http.Handler {
	return &handler{site: embedded(), policy: policyFor(files), notFound: notFound}
}

type handler struct {
	site     *site
	policy   string
	notFound http.Handler
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, cacheControl := h.find(r.URL.Path)
	if f == nil {
		h.notFound.ServeHTTP(w, r)
		return
	}
	header := w.Header()
	setSecurity(header, r.URL.Path, h.policy)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	header.Set("Cache-Control", cacheControl)
	if cacheControl == keepForever {
		f.ServeWhole(w, r)
		return
	}
	f.ServeHTTP(w, r)
}

// find returns the file at a path and how long it may be kept, or nil.
func (h *handler) find(path string) (*webfile.File, string) {
	if page := h.site.pages[path]; page != nil {
		return page, askAgain
	}
	name, below := strings.CutPrefix(path, assetPath)
	if !below {
		return nil, ""
	}
	version, rest, cut := strings.Cut(name, "/")
	switch {
	case cut && version == h.site.version:
		return h.site.files[rest], keepForever
	case cut && isVersion(version):
		// During a deploy a page may meet a node of the other version. Our file is the
		// best answer there is, but must not be remembered under the other's address.
		return h.site.files[rest], keepNothing
	}
	return h.site.files[name], askAgain
}

func setSecurity(h http.Header, name, policy string) {
	h.Set("X-Content-Type-Options", "nosniff")
	switch path.Ext(name) {
	case ".js", ".css", ".woff2":
		// No documents: what they do is under the policies of the page that has them (CSP3
		// section 4.2), which lets them ask nobody but us. With each of some 50 files of a
		// first visit they would be a fifth of it.
	default:
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
}
