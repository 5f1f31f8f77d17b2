//go:build integration

package usage

import (
	"context"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/testenv"
)

func TestStatements_countsWhatOthersAsk(t *testing.T) {
	inner := Source{"postgres", func(context.Context) (Sample, error) { return Sample{CPU: 1}, nil }}
	server := testenv.StartPostgres(t, "-c", "shared_preload_libraries=pg_stat_statements")
	source, err := Statements(inner, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	before, err := source.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Exec("CREATE DATABASE other"); err != nil {
		t.Fatal(err)
	}
	if err := server.Exec("SELECT 1 FROM pg_database FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if err := server.Exec("SELECT 1"); err != nil {
			t.Fatal(err)
		}
	}
	after, err := source.Take(t.Context())
	if err != nil || after.Statements-before.Statements != 12 || after.Reads-before.Reads != 11 || after.CPU != 1 {
		t.Errorf("%+v, then %+v, %v: want 12 statements more, 11 of them reads", before, after, err)
	}
}

func TestStatements_needsTheExtension(t *testing.T) {
	server := testenv.StartPostgres(t)
	if _, err := Statements(Source{}, server.URL); err == nil || !strings.Contains(err.Error(), "shared_preload_libraries") {
		t.Error(err)
	}
}
