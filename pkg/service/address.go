package service

import (
	"net"
	"net/http"
	"strings"
)

// ClientAddress is where a request comes from: the last entry of X-Forwarded-For, which
// is the one that the load balancer wrote itself (ALB user guide, x-forwarded-headers;
// earlier ones are the client's claim), or the peer where there is no load balancer.
func ClientAddress(r *http.Request) string {
	if all := r.Header.Values("X-Forwarded-For"); len(all) > 0 {
		entries := strings.Split(all[len(all)-1], ",")
		if ip := net.ParseIP(strings.TrimSpace(entries[len(entries)-1])); ip != nil {
			return ip.String()
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
