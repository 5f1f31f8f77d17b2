package catalogue

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/fault"
)

func TestParseQuery_hasDefaults(t *testing.T) {
	q, err := ParseQuery(url.Values{"q": {""}, "genre": {""}, "yearFrom": {""}, "yearTo": {""}, "sort": {""}, "limit": {""}, "cursor": {""}}) // a form's empty fields

	if want := (Query{Sort: Popular, Limit: 20}); err != nil || q != want {
		t.Errorf("got %+v, %v, want %+v", q, err, want)
	}
}

func TestParseQuery_foldsWhatIsSearched(t *testing.T) {
	q, err := ParseQuery(url.Values{"q": {"  AMÉLIE  le "}, "genre": {"Romantic Comedy"}, "sort": {"title"}, "limit": {"100"}})

	want := Query{Text: "amelie le", Genre: "romantic comedy", Sort: Title, Limit: 100}
	if err != nil || q != want {
		t.Errorf("got %+v, %v, want %+v", q, err, want)
	}
}

func TestParseQuery_namesEachBadField(t *testing.T) {
	_, err := ParseQuery(url.Values{
		"q": {"a\x00"}, "genre": {"\xff"}, "yearFrom": {"1994x"}, "yearTo": {"94"}, "sort": {"votes"}, "limit": {"0"}, "cursor": {"%%%"},
	})

	var fields []string
	for _, f := range fault.From(err).Fields {
		fields = append(fields, f.Field)
	}
	if got, want := strings.Join(fields, " "), "q genre yearFrom yearTo sort limit cursor"; got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

func TestParseQuery_readsYears(t *testing.T) {
	for _, years := range [][2]string{{"1980", "1989"}, {"1994", "1994"}, {"2000", ""}, {"", "1950"}, {"1800", "9999"}} {
		q, err := ParseQuery(url.Values{"yearFrom": {years[0]}, "yearTo": {years[1]}})

		from, _ := strconv.Atoi(years[0])
		to, _ := strconv.Atoi(years[1])
		if err != nil || q.YearFrom != from || q.YearTo != to {
			t.Errorf("%v: got %d to %d, %v", years, q.YearFrom, q.YearTo, err)
		}
	}
	for _, year := range []string{"0", "1799", "19940", "+994", "-994", "1e3", " 994", "0994", "١٩٩٤", "99999999999999999999"} {
		if _, err := ParseQuery(url.Values{"yearFrom": {year}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("yearFrom=%q: got %v, want a fault about it", year, err)
		}
	}
}

func TestParseQuery_refusesYearsThatRunBackwards(t *testing.T) {
	_, err := ParseQuery(url.Values{"yearFrom": {"1990"}, "yearTo": {"1989"}})

	fields := fault.From(err).Fields
	if len(fields) != 1 || fields[0].Field != "yearTo" || !strings.Contains(fields[0].Reason, "yearFrom") {
		t.Errorf("got %v, want one field error about yearTo that names yearFrom", err)
	}
}

func TestParseQuery_refusesSizesThatAreNone(t *testing.T) {
	for _, limit := range []string{"0", "-1", "101", "1.5", "x", "99999999999999999999"} {
		if _, err := ParseQuery(url.Values{"limit": {limit}}); err == nil {
			t.Errorf("limit=%q was accepted", limit)
		}
	}
}

func TestCursor_leadsBehindTheFilmItWasMadeFor(t *testing.T) {
	film := Film{ID: "jaws-1975", Title: "Jäws", Year: 1975, RatingTenths: 83, Votes: 138017}
	for sort, key := range map[Sort]string{Popular: "138017", Rating: "83", Year: "1975", Title: "jaws"} {
		made := Query{Sort: sort}.next(film)

		q, err := ParseQuery(url.Values{"sort": {string(sort)}, "cursor": {made}})

		if want := (Position{Key: key, ID: film.ID}); err != nil || q.After == nil || *q.After != want {
			t.Errorf("sort=%s: got %+v, %v, want %+v", sort, q.After, err, want)
		}
	}
}

func TestCursor_ofAnotherOrderOrMakeIsRefused(t *testing.T) {
	title := Query{Sort: Title}.next(Film{ID: "jaws-1975", Title: "Jaws"})
	for what, cursor := range map[string]string{
		"another order":    title,
		"not base64":       "***",
		"not JSON":         "AAAA",
		"a key of letters": "eyJzIjoicG9wdWxhciIsImsiOiJ4IiwiaSI6Imphd3MtMTk3NSJ9",
		"an odd id":        "eyJzIjoicG9wdWxhciIsImsiOiIxIiwiaSI6IiUwMCJ9",
		"too long":         strings.Repeat("A", maxCursorBytes+1),
	} {
		if _, err := ParseQuery(url.Values{"cursor": {cursor}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want a fault about cursor", what, err)
		}
	}
}
