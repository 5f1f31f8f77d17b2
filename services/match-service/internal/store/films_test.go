package store_test

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/services/match-service/internal/catalogue"
	"github.com/sixseat/sixseat/services/match-service/internal/store"
)

func init() { maps.Copy(behaviours, filmBehaviours) }

func (w *world) films(q catalogue.Query) []catalogue.Film {
	w.Helper()
	if q.Sort == "" {
		q.Sort = catalogue.Popular
	}
	if q.Limit == 0 {
		q.Limit = 100
	}
	films, err := w.store.Films(ctx, q)
	w.ok(err)
	return films
}

var filmBehaviours = map[string]func(*world){
	"films: the most popular come first": func(w *world) {
		w.equal("first", w.films(catalogue.Query{Limit: 2})[0].ID, "the-shawshank-redemption-1994")
	},
	"films: search finds part of a title or director": func(w *world) {
		w.equal("title", w.films(catalogue.Query{Text: "hawshan"})[0].ID, "the-shawshank-redemption-1994")
		w.equal("director", len(w.films(catalogue.Query{Text: catalogue.Fold("TARANTINO")})) > 3, true)
	},
	"films: wildcards stand for themselves": func(w *world) {
		w.equal("percent", len(w.films(catalogue.Query{Text: "%"})), 0)
		w.equal("underscore", len(w.films(catalogue.Query{Text: "the_dark"})), 0)
		w.equal("backslash", len(w.films(catalogue.Query{Text: `\`})), 0)
		w.equal("quote", len(w.films(catalogue.Query{Text: `'; drop table movies; --`})), 0)
	},
	"films: genre filters exactly": func(w *world) {
		films := w.films(catalogue.Query{Genre: "western"})
		w.equal("some", len(films) > 0, true)
		for _, f := range films {
			w.equal("genre of "+f.ID, f.Genre, "Western")
		}
		w.equal("part of a genre", len(w.films(catalogue.Query{Genre: "west"})), 0)
	},
	"films: years filter, the first and the last included": func(w *world) {
		for what, q := range map[string]catalogue.Query{
			"a decade": {YearFrom: 1980, YearTo: 1989}, "one year": {YearFrom: 1994, YearTo: 1994},
			"from a year on": {YearFrom: 2009}, "up to a year": {YearTo: 1941},
		} {
			q.Limit = 2000
			last := q.YearTo
			if last == 0 {
				last = 9999
			}
			seen := map[int]bool{}
			for _, f := range w.films(q) {
				if seen[f.Year] = true; f.Year < q.YearFrom || f.Year > last {
					w.Errorf("%s: got %s of %d", what, f.ID, f.Year)
				}
			}
			w.equal(what+": the first year", q.YearFrom == 0 || seen[q.YearFrom], true)
			w.equal(what+": the last year", q.YearTo == 0 || seen[q.YearTo], true)
		}
		w.equal("years without films", len(w.films(catalogue.Query{YearFrom: 1800, YearTo: 1801})), 0)
		w.equal("with a genre", len(w.films(catalogue.Query{Genre: "western", YearFrom: 1960, YearTo: 1969})) > 0, true)
	},
	"films: each order pages through all films once": func(w *world) {
		for _, sort := range []catalogue.Sort{catalogue.Popular, catalogue.Rating, catalogue.Year, catalogue.Title} {
			seen, q := map[string]bool{}, catalogue.Query{Sort: sort}
			for {
				page := w.films(q)
				if len(page) == 0 {
					break
				}
				for _, f := range page {
					if seen[f.ID] {
						w.Fatalf("%s: %s comes twice", sort, f.ID)
					}
					seen[f.ID] = true
				}
				end := page[len(page)-1]
				q.After = &catalogue.Position{Key: sort.Key(end), ID: end.ID}
			}
			w.equal(string(sort)+": films", len(seen), 1269)
		}
	},
	"films: an unknown id is not found": func(w *world) {
		_, err := w.store.Film(ctx, "no-such-film")
		w.equal("not found", fault.Is(err, fault.NotFound), true)
	},
}

func TestMigrate_canBeRunTwice(t *testing.T) {
	_, d := openSQLite(t, filepath.Join(t.TempDir(), "match.db"))
	for range 2 {
		if err := store.Migrate(ctx, d); err != nil {
			t.Fatal(err)
		}
	}
	w := newWorld(t, d)
	w.equal("films", len(w.films(catalogue.Query{Limit: 2000})), 1269)
}

func TestOpen_refusesASchemaThatIsTooOld(t *testing.T) {
	_, d := openSQLite(t, filepath.Join(t.TempDir(), "match.db"))
	if _, err := store.Open(ctx, d); err == nil {
		t.Error("a database that was never migrated was opened")
	}
}
