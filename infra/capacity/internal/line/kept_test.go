package line

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// opened is a server that counts connections; ask makes a request and gives the connection back.
func opened(t *testing.T) (k *Kept, ask func(path string), count *atomic.Int64) {
	t.Helper()
	count = &atomic.Int64{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/last" {
			w.Header().Set("Connection", "close")
		}
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			count.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	target, err := ParseTarget(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	k = NewKept(target)
	t.Cleanup(k.Close)
	return k, func(path string) {
		t.Helper()
		conn, err := k.Take(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Do(http.MethodGet, path, "", nil, nil); err != nil {
			t.Fatal(err)
		}
		k.Give(conn)
	}, count
}

func TestKept_isUsedAgain(t *testing.T) {
	_, ask, count := opened(t)
	ask("/")
	ask("/")
	if n := count.Load(); n != 1 {
		t.Errorf("two requests took %d connections, want 1", n)
	}
}

func TestKept_doesNotKeepWhatItsServerCloses(t *testing.T) {
	_, ask, count := opened(t)
	ask("/last")
	ask("/")
	if n := count.Load(); n != 2 {
		t.Errorf("a request after the last of a connection: %d connections, want 2", n)
	}
}

func TestKept_doesNotKeepForLong(t *testing.T) {
	k, ask, _ := opened(t)
	ask("/")
	if k.newest(time.Now().Add(keepUnused+time.Second)) != nil {
		t.Error("a connection that its server may close at any moment was handed out")
	}
}
