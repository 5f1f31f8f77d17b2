package store

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestStatements_bothDialectsHaveTheSameNames(t *testing.T) {
	postgres, sqlite := parseStatements(postgresSQL), parseStatements(sqliteSQL)

	got, want := slices.Sorted(maps.Keys(sqlite)), slices.Sorted(maps.Keys(postgres))

	if !slices.Equal(got, want) {
		t.Errorf("sqlite.sql has %v, postgres.sql has %v", got, want)
	}
	for name := range postgres {
		if strings.Count(postgres[name], "?") != strings.Count(sqlite[name], "?") {
			t.Errorf("%s takes another number of parameters in sqlite.sql", name)
		}
	}
}
