package catalogue

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Film is one film of the catalogue.
type Film struct {
	ID           string // see Slug
	Title        string
	Year         int
	Director     string
	Genre        string
	Minutes      int // running time; 0: not known
	RatingTenths int // of ten: 92 is 9.2. Whole, so that pages can be cut at it exactly
	Votes        int // how many rated it; stands for how popular it is
}

// Slug is a film's id: its title and year in lower-case ASCII, like pulp-fiction-1994.
// It depends on nothing else, so each import gives the same film the same id.
func Slug(title, year string) string {
	var b strings.Builder
	for _, r := range Fold(title + " " + year) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case r != '\'' && r != '’' && b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return b.String()
}

// IsID reports whether s has the form of a film's id; what has not is unknown without
// asking the store.
func IsID(s string) bool {
	if s == "" || len(s) > maxIDBytes {
		return false
	}
	for _, r := range s {
		if r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

// Fold brings text into the form in which it is searched: lower case, without accents,
// one space between words. So "amelie" finds "Amélie".
func Fold(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
	return strings.Join(strings.Fields(text), " ")
}

// movie is the film as clients see it.
func (f Film) movie(waiting int) matchapi.Movie {
	m := matchapi.Movie{
		MovieID: f.ID, Title: f.Title, ReleaseYear: f.Year, Director: f.Director, Genre: f.Genre,
		Rating: float64(f.RatingTenths) / 10, Waiting: waiting,
	}
	if f.Minutes > 0 {
		m.RunningTimeMin = &f.Minutes
	}
	return m
}
