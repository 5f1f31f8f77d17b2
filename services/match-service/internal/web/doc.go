// Package web is the page at /match/: the static client, embedded in the binary, and
// the handler that serves it. It knows nothing of members, films or queues; the page
// reaches those over the public contract, like any other client.
//
// httpapi mounts it in gin, for GET and HEAD:
//
//	page := gin.WrapH(web.Handler())
//	for _, path := range []string{"/match/", "/match/assets/*file"} {
//		r.GET(path, page)
//		r.HEAD(path, page)
//	}
//
// Where unknown paths below /match/assets/ should be answered like all others of the
// service, use HandlerOr and pass what answers those.
//
// Caching needs no build step: the page names its files below assets/<version>/, where
// version is a hash over all of them, and modules import each other by relative paths.
// So the page is asked for anew each time (a 304 when nothing changed) and everything
// behind it is kept by browsers for good.
//
// The JavaScript is tested with `node --test services/match-service/internal/web/test/`
// (with Node 22 or newer, name the files: test/*.test.mjs).
package web
