package redisconn

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"
)

// With TLS the server is asked for its name, and one that cannot prove it is refused.
func TestDialer_TLS(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	trusting := server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	for name, good := range map[string]bool{"example.com": true, "redis.example.org": false} {
		config := trusting.Clone()
		config.ServerName = name
		conn, err := dialer(config)(t.Context(), "tcp", server.Listener.Addr().String())
		if (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		if state := conn.(*tls.Conn).ConnectionState(); !state.HandshakeComplete || state.ServerName != name {
			t.Errorf("%+v", state)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
}
