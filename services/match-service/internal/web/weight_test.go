package web_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/services/match-service/internal/web"
)

// firstPaint is how many octets may cross the wire before the page shows something: status
// lines, headers and zipped bodies. On a slow phone line (1.6 Mbit/s) that is half a second.
const firstPaint = 100_000

// What the load balancer puts to each request and each answer (infra/terraform/alb.tf).
const (
	traceID       = "Root=1-6b0ba0f4-94f5a0f5c1fec1db70af276e"
	byTheBalancer = "Strict-Transport-Security: max-age=31536000\r\n"
)

// template is what a page fetches after its first sight.
var template = regexp.MustCompile(`(?s)<template id="later">.*?</template>`)

// named are the addresses in a piece of a page.
func named(html string) []string {
	var addresses []string
	for _, m := range regexp.MustCompile(`(?:src|href)="(assets/[^"]+)"`).FindAllStringSubmatch(html, -1) {
		addresses = append(addresses, "/match/"+m[1])
	}
	return addresses
}

// files are the addresses that a page makes a browser fetch before it paints.
func files(t *testing.T, page string) []string {
	t.Helper()
	found := named(template.ReplaceAllString(body(t, get("GET", page)), ""))
	if len(found) < 4 {
		t.Fatalf("%s names %d files, want at least style, icon, module and script", page, len(found))
	}
	return append([]string{page}, found...)
}

// line is a connection that counts what comes in.
type line struct {
	net.Conn
	octets *atomic.Int64
}

func (l line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	l.octets.Add(int64(n))
	return n, err
}

// fetch asks for an address over HTTP/1.1, as a browser does, and counts what comes in for it.
func fetch(t *testing.T, client *http.Client, address string) {
	t.Helper()
	r, err := http.NewRequest("GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip, deflate, br")
	r.Header.Set("X-Amzn-Trace-Id", traceID)
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK || resp.ContentLength < 0 {
		t.Errorf("%s: %s with a length of %d, %v; want 200 and a length", address, resp.Status, resp.ContentLength, err)
	}
}

func TestPages_areLightAtFirstSight(t *testing.T) {
	server := httptest.NewServer(service.Wrap(web.Handler(), service.NewMetrics("match"), slog.New(slog.DiscardHandler)))
	defer server.Close()
	for _, page := range pages {
		var octets atomic.Int64
		transport := &http.Transport{DisableCompression: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return line{conn, &octets}, err
		}}
		addresses := files(t, page)
		for _, address := range addresses {
			fetch(t, &http.Client{Transport: transport}, server.URL+address)
		}
		transport.CloseIdleConnections()

		sum := int(octets.Load()) + len(addresses)*len(byTheBalancer)
		t.Logf("%s: %d octets in %d files", page, sum, len(addresses))
		if sum > firstPaint {
			t.Errorf("%s: %d octets before the first paint, want at most %d", page, sum, firstPaint)
		}
	}
}

// A style sheet could fetch more, which the sum above would not see: what it names must be
// named by the page as well.
func TestStyles_fetchOnlyWhatThePageNames(t *testing.T) {
	for _, page := range pages {
		first := files(t, page)
		for _, address := range append(slices.Clone(first), named(template.FindString(body(t, get("GET", page))))...) {
			if !strings.HasSuffix(address, ".css") {
				continue
			}
			style := body(t, get("GET", address))
			if strings.Contains(style, "@import") {
				t.Errorf("%s has @import: it is fetched with the page and counted nowhere", address)
			}
			for _, m := range regexp.MustCompile(`url\("?([^")]*)"?\)`).FindAllStringSubmatch(style, -1) {
				if named := path.Join(path.Dir(address), m[1]); !slices.Contains(first, named) {
					t.Errorf("%s fetches %s, which %s does not preload: it is counted nowhere", address, named, page)
				}
			}
		}
	}
}
