package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/database"
)

// transaction carries the statements of a group commit. Those that need nothing of each
// other's answers are asked together, which on PostgreSQL is one round trip.
type transaction interface {
	ask(questions ...question) error
	// commit asks the last of them, and ends the transaction.
	commit(questions ...question) error
}

// question is a named statement, and what takes its rows: into is nil where none come.
type question struct {
	name string
	args []any
	into taker
}

type taker interface {
	fromGORM(*gorm.DB) error
	fromPGX(pgx.Rows) error
}

// rows takes rows as structs whose fields are called like their columns.
type rows[T any] struct{ all []T }

func (r *rows[T]) fromGORM(tx *gorm.DB) error { return tx.Scan(&r.all).Error }

func (r *rows[T]) fromPGX(found pgx.Rows) (err error) {
	r.all, err = pgx.CollectRows(found, pgx.RowToStructByNameLax[T])
	return err
}

// do runs f in a transaction. What f has not committed is undone.
func (s *Store) do(ctx context.Context, f func(transaction) error) error {
	if s.db.Name() != database.PostgreSQL {
		return s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error { return f(stepwise{tx, s.sql}) })
	}
	pool, err := s.db.DB()
	if err != nil {
		return fmt.Errorf("transaction: %w", err)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("transaction: %w", err)
	}
	defer conn.Close() // gives it back to the pool; what went wrong with it is known by then
	return database.Raw(ctx, conn, func(pg *pgx.Conn) error {
		err := f(&pipelined{ctx: ctx, conn: pg, sql: s.numbered})
		if pg.PgConn().TxStatus() != idle && !pg.IsClosed() {
			if _, undone := pg.Exec(ctx, "ROLLBACK"); undone != nil && err == nil {
				err = undone
			}
		}
		return err
	})
}

// idle is the status of a connection in no transaction (PostgreSQL 15, section 55.7).
const idle = 'I'

// stepwise asks one statement after the other, on SQLite, where nothing is far away. GORM
// begins and commits.
type stepwise struct {
	tx  *gorm.DB
	sql statements
}

func (t stepwise) commit(questions ...question) error { return t.ask(questions...) }

func (t stepwise) ask(questions ...question) error {
	for _, q := range questions {
		var err error
		if q.into == nil {
			err = t.sql.exec(t.tx, q.name, q.args...)
		} else if err = q.into.fromGORM(t.tx.Raw(t.sql[q.name], q.args...)); err != nil {
			err = fmt.Errorf("%s: %w", q.name, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pipelined sends all questions at once and then reads the answers. BEGIN goes with the
// first, COMMIT with the last; each statement still sees what was committed while the one
// before it waited for locks.
type pipelined struct {
	ctx   context.Context
	conn  *pgx.Conn
	sql   statements // with numbered parameters
	begun bool
}

func (t *pipelined) ask(questions ...question) error { return t.send(questions, false) }

func (t *pipelined) commit(questions ...question) error { return t.send(questions, true) }

func (t *pipelined) send(questions []question, last bool) error {
	var all pgx.Batch
	if !t.begun {
		t.begun = true
		all.Queue("BEGIN")
	}
	for _, q := range questions {
		queued := all.Queue(t.sql[q.name], q.args...)
		if q.into != nil {
			queued.Query(q.into.fromPGX)
		}
	}
	if last {
		all.Queue("COMMIT")
	}
	// Close reads all answers; after the first error PostgreSQL runs none of the rest.
	if err := t.conn.SendBatch(t.ctx, &all).Close(); err != nil {
		return fmt.Errorf("%s: %w", names(questions), err)
	}
	return nil
}

func names(questions []question) string {
	list := make([]string, len(questions))
	for i, q := range questions {
		list[i] = q.name
	}
	return strings.Join(list, ", ")
}

// numbered are the statements with $1, $2… in place of question marks, as PostgreSQL
// itself wants them.
func (s statements) numbered() statements {
	all := statements{}
	for name, text := range s {
		parts := strings.Split(text, "?")
		for i := range parts[1:] {
			parts[i+1] = "$" + strconv.Itoa(i+1) + parts[i+1]
		}
		all[name] = strings.Join(parts, "")
	}
	return all
}
