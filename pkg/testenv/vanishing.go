package testenv

import (
	"io"
	"sync"
	"testing"
)

// Vanishing is a proxy before a server whose host can vanish, as in a fail-over: the
// connections that are open then carry no answer any more and nobody hangs up, while new
// ones reach a server again.
type Vanishing struct {
	URL string // like the server's, by way of the proxy

	mu   sync.Mutex    // guards gone
	gone chan struct{} // closed when the connections opened until then are dead
}

// StartVanishing starts a Vanishing before the server at url.
func StartVanishing(tb testing.TB, url string) *Vanishing {
	tb.Helper()
	v := &Vanishing{gone: make(chan struct{})}
	v.URL = startProxy(tb, url, v.answer)
	return v
}

// Vanish makes all connections dead that are open now.
func (v *Vanishing) Vanish() {
	v.mu.Lock()
	defer v.mu.Unlock()
	close(v.gone)
	v.gone = make(chan struct{})
}

func (v *Vanishing) host() <-chan struct{} {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.gone
}

// answer passes the server's octets on as long as the host is there.
func (v *Vanishing) answer(client io.Writer, server io.Reader) {
	gone := v.host()
	octets := make([]byte, 32<<10)
	for {
		n, err := server.Read(octets)
		select {
		case <-gone:
			_, _ = io.Copy(io.Discard, server) // until the client gives up, which is an end
			return
		default:
		}
		if err != nil {
			return
		}
		if _, err := client.Write(octets[:n]); err != nil {
			return
		}
	}
}
