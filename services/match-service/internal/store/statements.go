package store

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/database"
)

var (
	//go:embed postgres.sql
	postgresSQL string
	//go:embed sqlite.sql
	sqliteSQL string
)

// statements are named SQL texts of one dialect.
type statements map[string]string

// statementsFor reads the statements for a dialect, as gorm.Dialector.Name calls it.
func statementsFor(dialect string) (statements, error) {
	switch dialect {
	case database.PostgreSQL:
		return parseStatements(postgresSQL), nil
	case database.SQLite:
		return parseStatements(sqliteSQL), nil
	}
	return nil, fmt.Errorf("no statements for the database %q", dialect)
}

// parseStatements cuts a file at its lines "-- name: …" and drops its comments: a
// question mark or a quote in one would be read as a parameter.
func parseStatements(file string) statements {
	all := statements{}
	for _, part := range strings.Split(file, "-- name: ")[1:] {
		name, body, _ := strings.Cut(part, "\n")
		var lines []string
		for line := range strings.Lines(body) {
			if code, _, _ := strings.Cut(line, "--"); strings.TrimSpace(code) != "" {
				lines = append(lines, strings.TrimRight(code, " \n"))
			}
		}
		all[name] = strings.TrimSuffix(strings.Join(lines, "\n"), ";")
	}
	return all
}

// exec runs a named statement.
func (s statements) exec(tx *gorm.DB, name string, args ...any) error {
	if err := tx.Exec(s[name], args...).Error; err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// query runs a named statement and scans its rows.
func query[T any](s statements, tx *gorm.DB, name string, args ...any) ([]T, error) {
	var rows []T
	if err := tx.Raw(s[name], args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return rows, nil
}

// list is a parameter that holds any number of values or rows.
func list[T any](rows []T) string {
	b, err := json.Marshal(rows)
	if err != nil { // strings and numbers always marshal
		panic("store: marshal rows: " + err.Error())
	}
	return string(b)
}
