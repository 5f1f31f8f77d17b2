package rules

import (
	"net/http"
	"net/netip"
	"testing"
)

// BenchmarkRoute decides by the rules of production: what most requests ask for, and what
// no rule takes, for which all are tried.
func BenchmarkRoute(b *testing.B) {
	cfg, err := LoadDir("../../terraform")
	if err != nil {
		b.Fatal(err)
	}
	listener := cfg.Listeners["aws_lb_listener.https"]
	for name, c := range map[string]struct {
		path string
		want *Rule
	}{
		"chat":    {"/chat/rooms/0197d9a4-7c7b-7a30-8a0e-5a4f0e2b6c11/messages", listener.Rules[0]},
		"nothing": {"/favicon.ico", listener.Default},
	} {
		b.Run(name, func(b *testing.B) {
			req := &Request{Method: http.MethodGet, Host: "sixseat.example", Path: c.path, Header: http.Header{"Accept": {"*/*"}}, Peer: netip.MustParseAddr("192.0.2.1")}
			b.ReportAllocs()
			for b.Loop() {
				if got := listener.Route(req); got != c.want {
					b.Fatalf("%s goes to priority %d, want %d", c.path, got.Priority, c.want.Priority)
				}
			}
		})
	}
}
