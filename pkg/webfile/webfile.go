// Package webfile serves files that do not change while the process lives: pages, styles,
// scripts. Each is zipped once, when it is made, and sent zipped to who takes that.
package webfile

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"
)

// tagBytes of a SHA-256 are plenty to tell the versions of one file apart.
const tagBytes = 8

// File is what is sent. Whoever serves it sets Cache-Control and policies before.
type File struct {
	Body        []byte
	contentType string
	tag         string
	zipped      []byte // nil where zipping does not pay
}

// New makes a file of its octets.
func New(contentType string, body []byte) *File {
	sum := sha256.Sum256(body)
	return &File{Body: body, contentType: contentType, tag: hex.EncodeToString(sum[:tagBytes]), zipped: zip(body)}
}

// Tag tells versions of the file apart.
func (f *File) Tag() string { return f.tag }

func zip(body []byte) []byte {
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		panic("webfile: " + err.Error()) // the level is a constant
	}
	if _, err := w.Write(body); err != nil {
		panic("webfile: " + err.Error()) // a buffer takes everything
	}
	if err := w.Close(); err != nil {
		panic("webfile: " + err.Error())
	}
	if zipped.Len() >= len(body) {
		return nil
	}
	return zipped.Bytes()
}

// ServeHTTP answers GET and HEAD, If-None-Match and Range. A part is one of the plain
// file: a range of zipped octets is of use to nobody who wants the middle of a text.
func (f *File) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, tag := f.choose(w.Header(), r, r.Header.Get("Range") == "")
	w.Header().Set("ETag", `"`+tag+`"`)
	// The ETag alone says what changed: a binary's files have no times.
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// ServeWhole answers GET and HEAD at an address that changes with the content. Whoever has
// it never asks whether it is the same still, nor for a part, so nothing is said of either.
func (f *File) ServeWhole(w http.ResponseWriter, r *http.Request) {
	body, _ := f.choose(w.Header(), r, true)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a client may go when it likes
	}
}

// choose says what the body is, zipped if that may be and is taken, and names it.
func (f *File) choose(h http.Header, r *http.Request, mayZip bool) (body []byte, tag string) {
	h.Set("Content-Type", f.contentType)
	if f.zipped == nil {
		return f.Body, f.tag
	}
	h.Set("Vary", "Accept-Encoding")
	if !mayZip || !prefersGzip(r.Header.Values("Accept-Encoding")) {
		return f.Body, f.tag
	}
	h.Set("Content-Encoding", "gzip")
	h.Set("Content-Length", strconv.Itoa(len(f.zipped))) // ServeContent leaves it out for encoded ones
	return f.zipped, f.tag + "-gzip"                     // other octets, another name (RFC 9110 section 8.8.3)
}
