package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/sixseat/sixseat/pkg/webfile"
)

//go:embed static
var static embed.FS

// embedded is the site of this binary, read when it is first served: most verbs of the
// binary never do.
var embedded = sync.OnceValue(func() *site {
	s, err := load(static)
	if err != nil { // what can go wrong was wrong when building
		panic("web: " + err.Error())
	}
	return s
})

// versionBytes of a SHA-256 are plenty to tell the versions of one page apart.
const versionBytes = 8

// site is the pages by their addresses, and the files behind them by their path below
// static/.
type site struct {
	pages   map[string]*webfile.File
	files   map[string]*webfile.File
	version string // hash over all files; part of their addresses
}

// pages are the files that have addresses of their own.
var pages = map[string]string{
	"/match/":        "index.html",
	"/match/console": "console.html",
}

// contentTypes are written down here because mime.TypeByExtension asks the machine it
// runs on, and a script with another type than JavaScript is refused by browsers.
var contentTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".html":  "text/html; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
	"":       "text/plain; charset=utf-8", // licences and notes
}

func load(fsys fs.FS) (*site, error) {
	root, err := fs.Sub(fsys, "static")
	if err != nil {
		return nil, err
	}
	s := &site{pages: map[string]*webfile.File{}, files: map[string]*webfile.File{}}
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".d.ts") { // types, for make web alone
			return err
		}
		body, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		s.files[name], err = newFile(name, body)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, s.setPages()
}

// setPages takes the pages out of the files and gives them the addresses with the version.
func (s *site) setPages() error {
	s.version = s.hash()
	for address, name := range pages {
		source := s.files[name]
		if source == nil {
			return fmt.Errorf("static/%s is missing", name)
		}
		delete(s.files, name)
		var err error
		body := bytes.ReplaceAll(source.Body, []byte(`"assets/`), []byte(`"assets/`+s.version+`/`))
		if s.pages[address], err = newFile(name, body); err != nil {
			return err
		}
	}
	return nil
}

func (s *site) hash() string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(s.files)) {
		// A hash never refuses a write (hash.Hash).
		_, _ = fmt.Fprintf(h, "%s %s\n", name, s.files[name].Tag())
	}
	return hex.EncodeToString(h.Sum(nil)[:versionBytes])
}

func newFile(name string, body []byte) (*webfile.File, error) {
	contentType, known := contentTypes[path.Ext(name)]
	if !known {
		return nil, fmt.Errorf("%s: no content type is known for %q", name, path.Ext(name))
	}
	return webfile.New(contentType, body), nil
}

// isVersion reports whether s looks like the version of some build of this page.
func isVersion(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) == versionBytes
}
