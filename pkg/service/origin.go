package service

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Origins refuses browsers that speak for another site. A request without Origin is
// no cross-site browser's; one whose Origin has the host that it asks for is ours.
type Origins struct {
	allowed []string
}

// NewOrigins allows the service's own origin and the listed ones (scheme://host[:port]).
func NewOrigins(allowed []string) Origins { return Origins{allowed} }

// Check returns a fault of kind Forbidden for a foreign origin.
func (o Origins) Check(r *http.Request) error {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(o.allowed, origin) {
		return nil
	}
	if u, err := url.Parse(origin); err == nil && sameHost(u, r.Host) {
		return nil
	}
	return fault.New(fault.Forbidden, "This origin is not allowed: %s.", origin)
}

// sameHost compares an origin with a Host header. The load balancer takes the port
// out of Host on its standard ports (ALB user guide, x-forwarded-headers), so a Host
// without one fits the origin's host on any port.
func sameHost(origin *url.URL, host string) bool {
	return origin.Host == host || origin.Hostname() == host
}

// Guard checks the origin of every request and answers preflights of allowed origins
// (Fetch standard, section 3.2).
func (o Origins) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := o.Check(r); err != nil {
			fault.Write(w, r, err)
			return
		}
		if origin := r.Header.Get("Origin"); slices.Contains(o.allowed, origin) {
			h := w.Header()
			h.Set("Access-Control-Allow-Origin", origin)
			h.Add("Vary", "Origin")
			h.Set("Access-Control-Expose-Headers", "X-Request-Id, Retry-After")
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				h.Set("Access-Control-Allow-Methods", "GET, PUT, POST, DELETE")
				h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
				h.Set("Access-Control-Max-Age", "600")
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}
