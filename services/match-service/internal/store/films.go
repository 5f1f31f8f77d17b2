package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/services/match-service/internal/catalogue"
)

// order is how a sort looks in SQL: its column, and whether it runs downwards.
type order struct {
	column string
	down   bool
}

var orders = map[catalogue.Sort]order{
	catalogue.Popular: {"votes", true},
	catalogue.Rating:  {"rating_tenths", true},
	catalogue.Year:    {"release_year", true},
	catalogue.Title:   {"title_key", false},
}

// Films returns a page of films, see catalogue.Store.
func (s *Store) Films(ctx context.Context, q catalogue.Query) ([]catalogue.Film, error) {
	db := s.db.WithContext(ctx).Table("movies").Limit(q.Limit)
	if q.Text != "" {
		db = db.Where(`search LIKE ? ESCAPE '\'`, "%"+escapeLike(q.Text)+"%")
	}
	if q.Genre != "" {
		db = db.Where("genre_key = ?", q.Genre)
	}
	if q.YearFrom != 0 {
		db = db.Where("release_year >= ?", q.YearFrom)
	}
	if q.YearTo != 0 {
		db = db.Where("release_year <= ?", q.YearTo)
	}
	var rows []movie
	if err := ordered(db, orders[q.Sort], q.After).Find(&rows).Error; err != nil {
		return nil, database.Fault(fmt.Errorf("list films: %w", err))
	}
	films := make([]catalogue.Film, len(rows))
	for i, r := range rows {
		films[i] = r.domain()
	}
	return films, nil
}

// ordered cuts the list behind a position by the values of its last film (keyset), so
// that a page costs the same wherever it lies and films that come in between shift nothing.
func ordered(db *gorm.DB, o order, after *catalogue.Position) *gorm.DB {
	direction, beyond := "ASC", ">"
	if o.down {
		direction, beyond = "DESC", "<"
	}
	if after != nil {
		// The key is a decimal number where the column is one; both databases cast it.
		key := "?"
		if o.column != "title_key" {
			key = "CAST(? AS integer)"
		}
		db = db.Where(fmt.Sprintf("(%[1]s %[2]s %[3]s OR (%[1]s = %[3]s AND movie_id > ?))", o.column, beyond, key),
			after.Key, after.Key, after.ID)
	}
	return db.Order(o.column + " " + direction).Order("movie_id ASC")
}

// escapeLike makes the wildcards of LIKE stand for themselves.
func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// Film finds a film by its id, see catalogue.Store.
func (s *Store) Film(ctx context.Context, id string) (catalogue.Film, error) {
	var row movie
	err := s.db.WithContext(ctx).Table("movies").Where("movie_id = ?", id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return catalogue.Film{}, catalogue.Unknown(id)
	}
	if err != nil {
		return catalogue.Film{}, database.Fault(fmt.Errorf("find film: %w", err))
	}
	return row.domain(), nil
}
