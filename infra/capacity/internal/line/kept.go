package line

import (
	"context"
	"sync"
	"time"
)

// Kept are connections that stay open between requests, as a load balancer keeps those to
// its targets: what it costs a service to accept one is not part of a request.
type Kept struct {
	target Target

	mu     sync.Mutex // guards unused
	unused []unused   // the newest last
}

type unused struct {
	conn  *HTTP
	since time.Time
}

// NewKept keeps connections to a target.
func NewKept(t Target) *Kept { return &Kept{target: t} }

// Take is the connection that was used last, or the i-th, which is opened.
func (k *Kept) Take(ctx context.Context, i int) (*HTTP, error) {
	if conn := k.newest(time.Now()); conn != nil {
		return conn, nil
	}
	return k.target.HTTP(ctx, i)
}

// newest is nil when there is none, or none that its server will surely keep any longer.
func (k *Kept) newest(now time.Time) *HTTP {
	k.mu.Lock()
	defer k.mu.Unlock()
	last := len(k.unused) - 1
	if last < 0 || now.Sub(k.unused[last].since) > keepUnused {
		k.close()
		return nil
	}
	conn := k.unused[last].conn
	k.unused = k.unused[:last]
	return conn
}

// Give gives back a connection whose last answer was read. One that its server closes, and
// one too many, is closed.
func (k *Kept) Give(conn *HTTP) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if conn.last || len(k.unused) == maxKept {
		conn.Close()
		return
	}
	k.unused = append(k.unused, unused{conn, time.Now()})
}

// Close closes those that are not in use.
func (k *Kept) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.close()
}

func (k *Kept) close() {
	for _, u := range k.unused {
		u.conn.Close()
	}
	k.unused = nil
}
