package store

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/sixseat/sixseat/pkg/batch"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/services/match-service/internal/catalogue"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

//go:embed migrations
var migrationFiles embed.FS

//go:embed movies.csv
var moviesCSV []byte

// Store is the database of match-service.
type Store struct {
	db       *gorm.DB
	sql      statements
	numbered statements // the same for pipelined

	waits *group[match.Ask, opened]
	rooms *group[making, madeRoom]
	lasts *batch.Batcher[string, match.Standing] // by member id

	counted counters
}

var (
	_ match.Waits     = (*Store)(nil)
	_ match.Rooms     = (*Store)(nil)
	_ match.Seats     = (*Store)(nil)
	_ match.Audit     = (*Store)(nil)
	_ catalogue.Store = (*Store)(nil)
)

// migrations are the files of both dialects.
func migrations() (database.Migrations, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return database.Migrations{}, fmt.Errorf("migrations: %w", err)
	}
	return database.Migrations{Files: files}, nil
}

// Open connects and refuses a schema older than this program.
func Open(ctx context.Context, d gorm.Dialector) (*Store, error) {
	sql, err := statementsFor(d.Name())
	if err != nil {
		return nil, err
	}
	m, err := migrations()
	if err != nil {
		return nil, err
	}
	db, err := database.Open(ctx, d, m)
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, sql: sql, numbered: sql.numbered(), counted: newCounters()}
	s.waits = newGroup(s.openAll, func(a match.Ask) string { return a.Member.ID }, s.counted.of("waits"))
	s.rooms = newGroup(s.makeAll, func(m making) string { return m.made.ID }, s.counted.of("rooms"))
	s.lasts = batch.New(s.lastOf, batch.Limits{Window: lookWindow, Timeout: lookTimeout, Most: maxGroup})
	return s, nil
}

// Close ends the group commits and closes all connections.
func (s *Store) Close() error {
	s.waits.close()
	s.rooms.close()
	return database.Close(s.db)
}

// Ping asks whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return database.Ping(ctx, s.db) }

// Migrate brings the schema up to date and imports the films. It can be run again, and
// by several nodes at once. It leaves the dialector's connections open.
func Migrate(ctx context.Context, d gorm.Dialector) error {
	m, err := migrations()
	if err != nil {
		return err
	}
	db, err := database.Connect(ctx, d)
	if err != nil {
		return err
	}
	if err := m.Migrate(ctx, db); err != nil {
		return err
	}
	return importFilms(ctx, db)
}

// importFilms writes all films of movies.csv; those that are there are brought up to
// date. Films that left the file stay: rooms speak of them.
func importFilms(ctx context.Context, db *gorm.DB) error {
	films, err := catalogue.ReadCSV(bytes.NewReader(moviesCSV))
	if err != nil {
		return err
	}
	rows := make([]movie, len(films))
	for i, f := range films {
		rows[i] = newMovie(f)
	}
	upsert := clause.OnConflict{Columns: []clause.Column{{Name: "movie_id"}}, UpdateAll: true}
	if err := db.WithContext(ctx).Table("movies").Clauses(upsert).CreateInBatches(rows, importBatch).Error; err != nil {
		return fmt.Errorf("import films: %w", err)
	}
	return nil
}
