// Package web is the page at /match/ and the STOMP console at /match/console: static
// files, embedded in the binary, and the handler that serves them. It knows nothing of
// members, films or queues; the pages reach those over the public contract, like any
// other client.
//
// httpapi mounts it in gin, for GET and HEAD:
//
//	page := gin.WrapH(web.Handler())
//	for _, path := range []string{"/match/", "/match/console", "/match/assets/*file"} {
//		r.GET(path, page)
//		r.HEAD(path, page)
//	}
//
// Where unknown paths below /match/assets/ should be answered like all others of the
// service, use HandlerOr and pass what answers those.
//
// Caching needs no build step: a page names its files below assets/<version>/, where
// version is a hash over all of them, and modules import each other by relative paths.
// So the page is asked for anew each time (a 304 when nothing changed) and everything
// behind it is kept by browsers for good.
//
// The JavaScript is tested with `make web`, in a browser by infra/onebox/browser.
package web
