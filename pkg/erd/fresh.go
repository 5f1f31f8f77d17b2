package erd

import (
	"bytes"
	"database/sql"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update-erd", false, "draw the database anew")

// Fresh fails unless file is the drawing of db; with -update-erd it is made so.
func Fresh(t *testing.T, db *sql.DB, title, file string) {
	t.Helper()
	tables, relations, err := read(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	drawing := []byte(draw(title, tables, relations))
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, drawing, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	is, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(is, drawing) {
		t.Errorf("%s is not what the migrations make: run this test with -update-erd and look at it", file)
	}
}
