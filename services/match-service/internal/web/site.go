package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"sort"
)

//go:embed static
var static embed.FS

// embedded is the site of this binary, read once.
var embedded = mustLoad(static)

// versionBytes of a SHA-256 are plenty to tell the versions of one page apart.
const versionBytes = 8

// file is one file as it is sent. It never changes after loading.
type file struct {
	body        []byte
	contentType string
	etag        string
}

// site is the page and the files behind it, by their path below static/.
type site struct {
	page    *file
	files   map[string]*file
	version string // hash over all files; part of their addresses
}

// contentTypes are written down here because mime.TypeByExtension asks the machine it
// runs on, and a script with another type than JavaScript is refused by browsers.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	"":      "text/plain; charset=utf-8", // licences and notes
	".md":   "text/plain; charset=utf-8",
}

// mustLoad reads the embedded files; what can go wrong was wrong when building.
func mustLoad(fsys fs.FS) *site {
	s, err := load(fsys)
	if err != nil {
		panic("web: " + err.Error())
	}
	return s
}

func load(fsys fs.FS) (*site, error) {
	root, err := fs.Sub(fsys, "static")
	if err != nil {
		return nil, err
	}
	s := &site{files: map[string]*file{}}
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
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
	return s, s.setPage()
}

// setPage takes index.html out of the files and gives it the addresses with the version.
func (s *site) setPage() error {
	index := s.files["index.html"]
	if index == nil {
		return fmt.Errorf("static/index.html is missing")
	}
	s.version = s.hash()
	delete(s.files, "index.html")
	body := bytes.ReplaceAll(index.body, []byte(`"assets/`), []byte(`"assets/`+s.version+`/`))
	var err error
	s.page, err = newFile("index.html", body)
	return err
}

func (s *site) hash() string {
	names := make([]string, 0, len(s.files))
	for name := range s.files {
		names = append(names, name)
	}
	sort.Strings(names)
	h := sha256.New()
	for _, name := range names {
		// A hash never refuses a write (hash.Hash).
		_, _ = fmt.Fprintf(h, "%s %s\n", name, s.files[name].etag)
	}
	return hex.EncodeToString(h.Sum(nil)[:versionBytes])
}

func newFile(name string, body []byte) (*file, error) {
	contentType, known := contentTypes[path.Ext(name)]
	if !known {
		return nil, fmt.Errorf("%s: no content type is known for %q", name, path.Ext(name))
	}
	sum := sha256.Sum256(body)
	return &file{body: body, contentType: contentType, etag: `"` + hex.EncodeToString(sum[:versionBytes]) + `"`}, nil
}

// isVersion reports whether s looks like the version of some build of this page.
func isVersion(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) == versionBytes
}
