package usage

import (
	"context"
	"database/sql"
	"fmt"

	_ "github.com/jackc/pgx/v5/stdlib" // driver pgx
)

// countStatements leaves out what this program asks itself, and what belongs to none.
const countStatements = `SELECT coalesce(sum(calls), 0)::bigint, coalesce(sum(calls) FILTER (WHERE query !~* '\m(insert|update|delete)\M'), 0)::bigint
FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'`

// Statements counts the statements of the PostgreSQL server at url, too, in all its
// databases, by its extension pg_stat_statements: the server must have it preloaded.
func Statements(of Source, url string) (Source, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return of, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE EXTENSION IF NOT EXISTS pg_stat_statements"); err != nil {
		return of, fmt.Errorf("pg_stat_statements: %w", err)
	}
	count := func(ctx context.Context, s *Sample) error {
		return db.QueryRowContext(ctx, countStatements).Scan(&s.Statements, &s.Reads)
	}
	if err := count(context.Background(), new(Sample)); err != nil {
		return of, fmt.Errorf("pg_stat_statements: %w", err)
	}
	return Source{of.Name, func(ctx context.Context) (Sample, error) {
		s, err := of.Take(ctx)
		if err == nil {
			err = count(ctx, &s)
		}
		return s, err
	}}, nil
}
