package catalogue

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Sort is an order of films.
type Sort string

// The orders. Films that are equal by one are ordered by id.
const (
	Popular Sort = "popular" // most votes first
	Rating  Sort = "rating"  // best first
	Year    Sort = "year"    // newest first
	Title   Sort = "title"   // from A to Z
)

// Query is what a page of films is asked with.
type Query struct {
	Text     string // folded; in title or director; "": all
	Genre    string // folded; "": all
	YearFrom int    // the first year of release; 0: all
	YearTo   int    // the last one; 0: all
	Sort     Sort
	Limit    int
	After    *Position // nil: the first page
}

// Position is a place in an order: just behind the film with this key and id.
type Position struct {
	Key string // of the order: a title folded, or a number in decimal
	ID  string
}

// ParseQuery reads a query string; what is wrong with it is reported by field.
func ParseQuery(v url.Values) (Query, error) {
	q := Query{Sort: Popular, Limit: defaultPage}
	var bad []fault.Field
	for _, p := range []struct {
		name string
		read func(string) error
	}{
		{"q", q.readText}, {"genre", q.readGenre}, {"yearFrom", q.readYearFrom}, {"yearTo", q.readYearTo},
		{"sort", q.readSort}, {"limit", q.readLimit},
		{"cursor", q.readCursor}, // after sort, which it belongs to
	} {
		if v.Get(p.name) == "" { // a form sends its empty fields as well
			continue
		}
		if err := p.read(v.Get(p.name)); err != nil {
			bad = append(bad, fault.Field{Field: p.name, Reason: err.Error()})
		}
	}
	if len(bad) > 0 {
		return Query{}, fault.BadFields(bad)
	}
	return q, nil
}

func (q *Query) readText(s string) (err error) {
	q.Text, err = searchable(s)
	return err
}

func (q *Query) readGenre(s string) (err error) {
	q.Genre, err = searchable(s)
	return err
}

func (q *Query) readYearFrom(s string) (err error) {
	q.YearFrom, err = year(s)
	return err
}

func (q *Query) readYearTo(s string) (err error) {
	if q.YearTo, err = year(s); err == nil && q.YearTo < q.YearFrom {
		return fmt.Errorf("must not be before yearFrom")
	}
	return err
}

// year reads four digits, as years of films have, so that no sign, space or zero before
// them is accepted.
func year(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || len(s) != 4 || n < minYear {
		return 0, fmt.Errorf("must be a year of four digits, %d at least", minYear)
	}
	return n, nil
}

// searchable refuses what no store can compare and folds the rest.
func searchable(s string) (string, error) {
	switch {
	case !utf8.ValidString(s):
		return "", fmt.Errorf("is not valid UTF-8")
	case strings.ContainsRune(s, 0):
		return "", fmt.Errorf("must not contain U+0000")
	case utf8.RuneCountInString(s) > maxSearch:
		return "", fmt.Errorf("may have at most %d characters", maxSearch)
	}
	return Fold(s), nil
}

func (q *Query) readSort(s string) error {
	switch Sort(s) {
	case Popular, Rating, Year, Title:
		q.Sort = Sort(s)
		return nil
	}
	return fmt.Errorf("must be popular, rating, year or title")
}

func (q *Query) readLimit(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxPage {
		return fmt.Errorf("must be a whole number from 1 to %d", maxPage)
	}
	q.Limit = n
	return nil
}
