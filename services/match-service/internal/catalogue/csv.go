package catalogue

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
)

// ReadCSV reads films from the file format of movies.csv: a header line, then title,
// release_year, director, genre, running_time_min (empty: not known), mpaa_rating (not
// used), imdb_rating, imdb_votes. Two films with the same id are an error.
func ReadCSV(r io.Reader) ([]Film, error) {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = 8
	all, err := rows.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read films: %w", err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("read films: no header line")
	}
	films, seen := make([]Film, 0, len(all)-1), map[string]bool{}
	for i, row := range all[1:] {
		f, err := filmFrom(row)
		if err == nil && seen[f.ID] {
			err = fmt.Errorf("id %s is there twice", f.ID)
		}
		if err != nil {
			return nil, fmt.Errorf("read films: line %d: %w", i+2, err)
		}
		seen[f.ID] = true
		films = append(films, f)
	}
	return films, nil
}

func filmFrom(row []string) (Film, error) {
	f := Film{ID: Slug(row[0], row[1]), Title: row[0], Director: row[2], Genre: row[3]}
	if !IsID(f.ID) {
		return f, fmt.Errorf("%q makes no id", row[0])
	}
	rating, err := strconv.ParseFloat(row[6], 64)
	if err != nil {
		return f, fmt.Errorf("imdb_rating: %w", err)
	}
	f.RatingTenths = int(math.Round(rating * 10))
	if f.Year, err = strconv.Atoi(row[1]); err != nil {
		return f, fmt.Errorf("release_year: %w", err)
	}
	if f.Votes, err = strconv.Atoi(row[7]); err != nil {
		return f, fmt.Errorf("imdb_votes: %w", err)
	}
	if row[4] == "" {
		return f, nil
	}
	if f.Minutes, err = strconv.Atoi(row[4]); err != nil {
		return f, fmt.Errorf("running_time_min: %w", err)
	}
	return f, nil
}
