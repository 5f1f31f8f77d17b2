package catalogue

import (
	"strings"
	"testing"
)

func TestSlug_isTitleAndYearInPlainLetters(t *testing.T) {
	for _, c := range []struct{ title, year, want string }{
		{"Pulp Fiction", "1994", "pulp-fiction-1994"},
		{"Le fabuleux destin d'Amélie Poulain", "2001", "le-fabuleux-destin-damelie-poulain-2001"},
		{"28 Days Later...", "2003", "28-days-later-2003"},
		{"(500) Days of Summer", "2009", "500-days-of-summer-2009"},
	} {
		if got := Slug(c.title, c.year); got != c.want || !IsID(got) {
			t.Errorf("Slug(%q) = %q, want %q", c.title, got, c.want)
		}
	}
}

func TestReadCSV_readsFilms(t *testing.T) {
	films, err := ReadCSV(strings.NewReader("title,release_year,director,genre,running_time_min,mpaa_rating,imdb_rating,imdb_votes\n" +
		"The Dark Knight,2008,Christopher Nolan,Action,152,PG-13,8.9,465000\n"))

	want := Film{"the-dark-knight-2008", "The Dark Knight", 2008, "Christopher Nolan", "Action", 152, 89, 465000}
	if err != nil || len(films) != 1 || films[0] != want {
		t.Errorf("got %+v, %v, want %+v", films, err, want)
	}
}

func TestReadCSV_namesTheBadLine(t *testing.T) {
	const head = "title,release_year,director,genre,running_time_min,mpaa_rating,imdb_rating,imdb_votes\n"
	for what, rows := range map[string]string{
		"the same film twice": "Jaws,1975,D,G,,R,8.3,1\nJaws,1975,D,G,,R,8.3,1\n",
		"no rating":           "Alien,1979,D,G,,R,8.5,1\nJaws,1975,D,G,,R,,1\n",
		"a title of nothing":  "Alien,1979,D,G,,R,8.5,1\n日本,199九,D,G,,R,8.3,1\n",
	} {
		if _, err := ReadCSV(strings.NewReader(head + rows)); err == nil || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("%s: got %v, want an error about line 3", what, err)
		}
	}
}
