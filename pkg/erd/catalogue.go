// Package erd draws a PostgreSQL database as it is after its migrations, for the READMEs:
// tables with their columns, keys and indexes, and how they refer to each other. Fresh is
// the test that keeps a drawing true.
//
// It is for tests only.
package erd

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

type table struct {
	name    string
	columns []column
	notes   []string // indexes, parts
	keys    []string // columns that are a key alone, the primary one first
}

type column struct {
	name, kind string
	nullable   bool
	primary    bool
	unique     bool // alone
}

// relation is from the table that refers to the one that is referred to.
type relation struct {
	from, fromColumn, to, toColumn string
	enforced                       bool // a foreign key; else by the column's name alone
}

// read reads all tables of the schema public but goose's own, in the order in which they
// were made, and the parts of none.
func read(ctx context.Context, db *sql.DB) ([]table, []relation, error) {
	tables, err := readTables(ctx, db)
	if err != nil {
		return nil, nil, fmt.Errorf("read catalogue: %w", err)
	}
	for i := range tables {
		if err := tables[i].read(ctx, db); err != nil {
			return nil, nil, fmt.Errorf("read table %s: %w", tables[i].name, err)
		}
	}
	relations, err := readForeignKeys(ctx, db)
	if err != nil {
		return nil, nil, fmt.Errorf("read foreign keys: %w", err)
	}
	return tables, append(relations, byName(tables, relations)...), nil
}

func readTables(ctx context.Context, db *sql.DB) (tables []table, err error) {
	err = each(ctx, db, `
		SELECT c.relname, coalesce(pg_get_partkeydef(c.oid), ''), (SELECT count(*) FROM pg_inherits WHERE inhparent = c.oid)
		FROM pg_class c
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT LIKE 'goose%'
		ORDER BY c.oid`, nil, func(row *sql.Rows) error {
		var t table
		var by string
		var parts int
		if err := row.Scan(&t.name, &by, &parts); err != nil {
			return err
		}
		if by != "" {
			t.notes = append(t.notes, fmt.Sprintf("%d parts by %s", parts, strings.ToLower(by)))
		}
		tables = append(tables, t)
		return nil
	})
	return tables, err
}

func (t *table) read(ctx context.Context, db *sql.DB) error {
	err := each(ctx, db, `
		SELECT a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull
		FROM pg_attribute a
		WHERE a.attrelid = ('public.' || quote_ident($1))::regclass AND a.attnum > 0 AND NOT a.attisdropped
		ORDER BY a.attnum`, []any{t.name}, func(row *sql.Rows) error {
		var c column
		if err := row.Scan(&c.name, &c.kind, &c.nullable); err != nil {
			return err
		}
		c.kind = strings.Replace(c.kind, "timestamp with time zone", "timestamptz", 1)
		t.columns = append(t.columns, c)
		return nil
	})
	if err != nil {
		return err
	}
	return each(ctx, db, `
		SELECT i.indisprimary, i.indisunique, i.indpred IS NOT NULL, regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING btree ', ''),
			(SELECT string_agg(a.attname, ' ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey))
		FROM pg_index i
		WHERE i.indrelid = ('public.' || quote_ident($1))::regclass
		ORDER BY NOT i.indisprimary, NOT i.indisunique, i.indexrelid`, []any{t.name}, func(row *sql.Rows) error {
		var primary, unique, partial bool
		var definition, columns string
		if err := row.Scan(&primary, &unique, &partial, &definition, &columns); err != nil {
			return err
		}
		t.index(primary, unique, partial, definition, strings.Fields(columns))
		return nil
	})
}

func (t *table) index(primary, unique, partial bool, definition string, columns []string) {
	alone := unique && !partial && len(columns) == 1
	for i, c := range t.columns {
		if slices.Contains(columns, c.name) {
			t.columns[i].primary = c.primary || primary
			t.columns[i].unique = c.unique || alone
		}
	}
	if alone {
		t.keys = append(t.keys, columns[0])
	}
	switch {
	case primary || alone: // the columns say it
	case unique:
		t.notes = append(t.notes, "unique "+definition)
	default:
		t.notes = append(t.notes, "index "+definition)
	}
}

func readForeignKeys(ctx context.Context, db *sql.DB) (relations []relation, err error) {
	err = each(ctx, db, `
		SELECT child.relname, a.attname, parent.relname, b.attname
		FROM pg_constraint k
		JOIN pg_class child ON child.oid = k.conrelid AND NOT child.relispartition
		JOIN pg_class parent ON parent.oid = k.confrelid
		CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS pair (ours, theirs)
		JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.ours
		JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = pair.theirs
		WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
		ORDER BY k.conrelid, a.attnum`, nil, func(row *sql.Rows) error {
		r := relation{enforced: true}
		if err := row.Scan(&r.from, &r.fromColumn, &r.to, &r.toColumn); err != nil {
			return err
		}
		relations = append(relations, r)
		return nil
	})
	return relations, err
}

// byName finds columns that name a row of an older table without a foreign key: room_id
// is rooms.id, or the key room_id of another table.
func byName(tables []table, enforced []relation) (found []relation) {
	for i, child := range tables {
		for _, c := range child.columns {
			known := slices.ContainsFunc(enforced, func(r relation) bool { return r.from == child.name && r.fromColumn == c.name })
			for _, parent := range tables[:i] {
				key, refers := parent.keyNamed(c.name)
				if refers && !known {
					found = append(found, relation{child.name, c.name, parent.name, key, false})
					break
				}
			}
		}
	}
	return found
}

func (t table) keyNamed(column string) (key string, ok bool) {
	for _, key := range t.keys {
		if key == column && key != "id" || key == "id" && column == strings.TrimSuffix(t.name, "s")+"_id" {
			return key, true
		}
	}
	return "", false
}

// each calls do for each row of a query.
func each(ctx context.Context, db *sql.DB, query string, args []any, do func(*sql.Rows) error) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
