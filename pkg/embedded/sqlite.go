// Package embedded are the stores of one machine: SQLite in a file for PostgreSQL, and
// a Redis inside the process. infra/onebox runs the whole system on them, and tests use
// them where no server is needed. No service's binary imports this package.
package embedded

import (
	"database/sql"
	"fmt"
	"net/url"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
)

// SQLite opens the database file at path, which may not exist yet. There is one
// connection, so writers queue in the process rather than fail as busy. With synchronous
// NORMAL a commit survives the end of the process at any instruction; the last ones may
// not survive the end of the machine's power, which is what PostgreSQL is for.
func SQLite(path string) (gorm.Dialector, error) {
	pragmas := url.Values{
		"_pragma": {"journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(1)", "busy_timeout(5000)"},
		"_txlock": {"immediate"},
	}
	db, err := sql.Open(sqlite.DriverName, "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+pragmas.Encode())
	if err != nil {
		return nil, fmt.Errorf("open SQLite at %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return &sqlite.Dialector{Conn: db}, nil
}
