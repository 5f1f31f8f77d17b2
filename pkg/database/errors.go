package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Fault translates a driver's error for everybody outside of a store: a database that
// is away or busy is Unavailable (try again), anything else stays what it is and
// counts as Internal. A fault passes through.
func Fault(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) || !Away(err) {
		return err
	}
	return fault.New(fault.Unavailable, "The database cannot be reached right now.").Wrap(err)
}

// Away reports whether err says that the database is away, stopping, full or asks for
// a retry, or that the caller's time was over, rather than that the statement was wrong.
// Classes are those of PostgreSQL 15, appendix A: 08 connection, 28 sign-in (a password
// that changes is refused for a moment), 40 rollback (deadlock,
// serialisation), 53 insufficient resources, 57 operator intervention, 55P03 lock not
// available; 25006 is what a primary that became a standby answers, 25P03 what a
// transaction gets that was idle for too long. ErrTxDone is what is said of a transaction
// that database/sql took back when the caller's time was over.
func Away(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		for _, class := range []string{"08", "28", "40", "53", "57", "55P03", "25006", "25P03"} {
			if strings.HasPrefix(pg.Code, class) {
				return true
			}
		}
		return false
	}
	var netErr net.Error
	var connectErr *pgconn.ConnectError
	return errors.As(err, &netErr) || errors.As(err, &connectErr) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, sql.ErrTxDone) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || pgconn.SafeToRetry(err) || isEOF(err) || isSQLiteBusy(err)
}

// Locked reports whether err says that somebody else held a lock for too long (55P03). It
// counts as Away too: the same again may do.
func Locked(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "55P03"
}
