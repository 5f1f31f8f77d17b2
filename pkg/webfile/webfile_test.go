package webfile_test

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/webfile"
	"github.com/sixseat/sixseat/pkg/webtest"
)

var long = strings.Repeat("the same again, ", 100)

func ask(f *webfile.File, method string, header ...string) *http.Response {
	return webtest.Ask(f, method, "/", header...)
}

func TestFile_isZippedForWhoTakesIt(t *testing.T) {
	f := webfile.New("text/plain; charset=utf-8", []byte(long))
	plain, zipped := ask(f, "GET"), ask(f, "GET", "Accept-Encoding", "br, gzip")

	for _, resp := range []*http.Response{plain, zipped} {
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Vary") != "Accept-Encoding" || resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s %v; want 200 with Vary and Content-Type", resp.Status, resp.Header)
		}
	}
	if got := plain.Header.Get("Content-Encoding"); got != "" || webtest.Text(t, plain.Body) != long {
		t.Errorf("without Accept-Encoding: Content-Encoding %q or another text, want the plain one", got)
	}
	body := webtest.Text(t, zipped.Body)
	if zipped.Header.Get("Content-Encoding") != "gzip" || zipped.Header.Get("Content-Length") != strconv.Itoa(len(body)) || len(body) >= len(long) {
		t.Errorf("zipped: %v with %d octets, want gzip, their number and fewer than %d", zipped.Header, len(body), len(long))
	}
	r, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if webtest.Text(t, r) != long {
		t.Error("what was zipped is another text")
	}
	if plain.Header.Get("ETag") == zipped.Header.Get("ETag") {
		t.Errorf("plain and zipped have one ETag, %s", plain.Header.Get("ETag"))
	}
}

func TestFile_readsAcceptEncoding(t *testing.T) {
	f := webfile.New("text/plain", []byte(long))
	for accept, want := range map[string]string{
		"":                              "",
		"gzip":                          "gzip",
		"GZip":                          "gzip",
		"x-gzip":                        "gzip",
		"gzip, deflate, br, zstd":       "gzip",
		"br;q=1.0, gzip;q=0.1":          "gzip",
		"*":                             "gzip",
		"gzip;q=0":                      "",
		"gzip; q=0.000, *":              "",
		"*;q=0":                         "",
		"identity":                      "",
		"identity;q=1, gzip;q=0.5":      "",
		"identity;q=0.5, gzip ; q=0.75": "gzip",
		"br":                            "",
		"notgzip":                       "",
		"gzip;q=much":                   "",
		"gzip;q=2":                      "",
		"gzip;level=9":                  "",
	} {
		if got := ask(f, "GET", "Accept-Encoding", accept).Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: got Content-Encoding %q, want %q", accept, got, want)
		}
	}
	if got := ask(f, "GET", "Accept-Encoding", "br", "Accept-Encoding", "gzip").Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("two lines of Accept-Encoding: got Content-Encoding %q, want gzip", got)
	}
}

func TestFile_answers304ToWhoHasIt(t *testing.T) {
	f := webfile.New("text/plain", []byte(long))
	for _, accept := range []string{"", "gzip"} {
		etag := ask(f, "GET", "Accept-Encoding", accept).Header.Get("ETag")

		resp := ask(f, "GET", "Accept-Encoding", accept, "If-None-Match", etag)

		if resp.StatusCode != http.StatusNotModified || webtest.Text(t, resp.Body) != "" || resp.Header.Get("ETag") != etag || resp.Header.Get("Vary") == "" {
			t.Errorf("Accept-Encoding %q with its ETag: %s %v, want 304 without a body, with ETag and Vary", accept, resp.Status, resp.Header)
		}
	}
}

func TestFile_HEADHasTheHeadersOfGET(t *testing.T) {
	f := webfile.New("text/plain", []byte(long))
	for _, accept := range []string{"", "gzip"} {
		get, head := ask(f, "GET", "Accept-Encoding", accept), ask(f, "HEAD", "Accept-Encoding", accept)

		if webtest.Text(t, head.Body) != "" {
			t.Error("HEAD has a body")
		}
		for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding", "ETag", "Vary"} {
			if got, want := head.Header.Get(name), get.Header.Get(name); got != want {
				t.Errorf("HEAD, Accept-Encoding %q: got %s %q, want %q as for GET", accept, name, got, want)
			}
		}
	}
}

func TestFile_sendsPartsOfThePlainText(t *testing.T) {
	resp := ask(webfile.New("text/plain", []byte(long)), "GET", "Accept-Encoding", "gzip", "Range", "bytes=4-7")

	if got := webtest.Text(t, resp.Body); resp.StatusCode != http.StatusPartialContent || got != "same" || resp.Header.Get("Content-Encoding") != "" {
		t.Errorf("got %s %q %v, want 206 and the plain word", resp.Status, got, resp.Header)
	}
}

func TestFile_isNotZippedWhereThatMakesItLonger(t *testing.T) {
	resp := ask(webfile.New("text/plain", []byte("short")), "GET", "Accept-Encoding", "gzip")

	if got := webtest.Text(t, resp.Body); got != "short" || resp.Header.Get("Content-Encoding") != "" || resp.Header.Get("Vary") != "" {
		t.Errorf("got %q %v, want the plain text, whoever asks", got, resp.Header)
	}
}

func TestFile_isSentWholeToWhoNeverAsksAgain(t *testing.T) {
	f := webfile.New("text/plain", []byte(long))
	for _, method := range []string{"GET", "HEAD"} {
		for accept, sent := range map[string]string{"": "", "gzip": "gzip"} {
			resp := webtest.Ask(http.HandlerFunc(f.ServeWhole), method, "/", "Accept-Encoding", accept, "Range", "bytes=4-7")
			body := webtest.Text(t, resp.Body)

			if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Encoding") != sent || resp.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s, Accept-Encoding %q: %s %v, want 200, Vary and Content-Encoding %q", method, accept, resp.Status, resp.Header, sent)
			}
			if whole := ask(f, "GET", "Accept-Encoding", accept); resp.Header.Get("Content-Length") != whole.Header.Get("Content-Length") || (method == "GET") != (body == webtest.Text(t, whole.Body)) {
				t.Errorf("%s, Accept-Encoding %q: %d octets of %s, want those that ServeHTTP sends, for GET alone", method, accept, len(body), resp.Header.Get("Content-Length"))
			}
			if etag, ranges := resp.Header.Get("ETag"), resp.Header.Get("Accept-Ranges"); etag != "" || ranges != "" {
				t.Errorf("%s: ETag %q and Accept-Ranges %q, which nobody asks for here", method, etag, ranges)
			}
		}
	}
}
