package web_test

import (
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// firstPaint is how many octets may cross the wire before the page shows something, zipped,
// without headers. On a slow phone line (1.6 Mbit/s) that is half a second.
const firstPaint = 100_000

// files are the addresses that a page makes a browser fetch before it paints.
func files(t *testing.T, page string) []string {
	t.Helper()
	html := body(t, get("GET", page))
	found := regexp.MustCompile(`(?:src|href)="(assets/[^"]+)"`).FindAllStringSubmatch(html, -1)
	if len(found) < 4 {
		t.Fatalf("%s names %d files, want at least style, icon, module and script", page, len(found))
	}
	addresses := []string{page}
	for _, m := range found {
		addresses = append(addresses, "/match/"+m[1])
	}
	return addresses
}

func TestPages_areLightAtFirstSight(t *testing.T) {
	for _, page := range pages {
		sum := 0
		for _, address := range files(t, page) {
			resp := get("GET", address, "Accept-Encoding", "gzip, deflate, br")
			sent := body(t, resp)
			if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Length") != strconv.Itoa(len(sent)) {
				t.Errorf("%s: %s with Content-Length %s for %d octets", address, resp.Status, resp.Header.Get("Content-Length"), len(sent))
			}
			sum += len(sent)
		}
		t.Logf("%s: %d octets in %d files", page, sum, len(files(t, page)))
		if sum > firstPaint {
			t.Errorf("%s: %d octets before the first paint, want at most %d", page, sum, firstPaint)
		}
	}
}

// A style sheet could fetch more, which the sum above would not see: what it names must be
// named by the page as well.
func TestStyles_fetchOnlyWhatThePageNames(t *testing.T) {
	for _, page := range pages {
		counted := files(t, page)
		for _, address := range counted {
			if !strings.HasSuffix(address, ".css") {
				continue
			}
			style := body(t, get("GET", address))
			if strings.Contains(style, "@import") {
				t.Errorf("%s has @import: it is fetched before the first paint and counted nowhere", address)
			}
			for _, m := range regexp.MustCompile(`url\("?([^")]*)"?\)`).FindAllStringSubmatch(style, -1) {
				if named := path.Join(path.Dir(address), m[1]); !slices.Contains(counted, named) {
					t.Errorf("%s fetches %s, which %s does not preload: it is counted nowhere", address, named, page)
				}
			}
		}
	}
}
