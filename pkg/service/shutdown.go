package service

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// CloseUnused makes srv's Shutdown close connections that never sent a request. Browsers
// and proxies open some in advance, and net/http would wait five seconds for each to
// become idle. It calls the ConnState that srv has.
func CloseUnused(srv *http.Server) {
	var mu sync.Mutex
	unused := map[net.Conn]bool{}
	watched := srv.ConnState
	srv.ConnState = func(c net.Conn, state http.ConnState) {
		if watched != nil {
			watched(c, state)
		}
		mu.Lock()
		defer mu.Unlock()
		if state == http.StateNew {
			unused[c] = true
		} else {
			delete(unused, c)
		}
	}
	srv.RegisterOnShutdown(func() {
		mu.Lock()
		defer mu.Unlock()
		for c := range unused {
			_ = c.Close() // nobody has said anything on it
		}
	})
}

// Shutdown lets requests in flight end for at most grace, and then cuts them. Hijacked
// sockets are not its business; their owner closes them before.
func Shutdown(srv *http.Server, grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := srv.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return srv.Close()
	}
	return err
}
