package database

import (
	"errors"
	"io"
)

// SQLite's primary result codes (sqlite.org/rescode.html). The driver is no dependency
// of the services, so its error is recognised by its Code method.
const (
	sqliteBusy      = 5
	sqliteLocked    = 6
	sqliteInterrupt = 9 // the caller's time was over
)

func sqliteCode(err error) int {
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		return coded.Code() & 0xff // extended codes keep the primary one in the low byte
	}
	return 0
}

func isSQLiteBusy(err error) bool {
	code := sqliteCode(err)
	return code == sqliteBusy || code == sqliteLocked || code == sqliteInterrupt
}

// isEOF recognises a connection that ended in the middle of an answer.
func isEOF(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
