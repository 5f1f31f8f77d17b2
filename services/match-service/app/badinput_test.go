package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/token"
)

// TestBadInput_isAnsweredWithAProblemThatNamesIt sends what strangers send.
func TestBadInput_isAnsweredWithAProblemThatNamesIt(t *testing.T) {
	w := newWorld(t)
	m := w.member("ada")
	forger, err := token.NewSigner(token.NewSeed(), timeNow)
	if err != nil {
		t.Fatal(err)
	}
	forged, _, err := forger.Member(m.MemberID, "ada")
	if err != nil {
		t.Fatal(err)
	}
	big := `{"nickname":"` + strings.Repeat("x", 5000) + `"}`

	for _, c := range []struct {
		what, method, path, bearer, body string
		status                           int
		kind                             string
		fields                           []string
	}{
		{"no token", "GET", "/match/queue", "", "", 401, "unauthenticated", nil},
		{"no token for events", "GET", "/match/queue/events", "", "", 401, "unauthenticated", nil},
		{"garbage for a token", "GET", "/match/queue", "x.y.z", "", 401, "unauthenticated", nil},
		{"forged token", "PUT", "/match/queue", forged, `{"movieId":"jaws-1975"}`, 401, "unauthenticated", nil},
		{"unsigned token", "GET", "/match/rooms", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "", 401, "unauthenticated", nil},
		{"renewal without token", "POST", "/match/members/me/token", "", "", 401, "unauthenticated", nil},

		{"unknown film", "PUT", "/match/queue", m.Token, `{"movieId":"no-such-film-1900"}`, 400, "invalid", []string{"movieId"}},
		{"film id that is none", "PUT", "/match/queue", m.Token, `{"movieId":"../%00"}`, 400, "invalid", []string{"movieId"}},
		{"no film", "PUT", "/match/queue", m.Token, `{}`, 400, "invalid", []string{"movieId"}},
		{"NUL in a film", "PUT", "/match/queue", m.Token, `{"movieId":"a\u0000"}`, 400, "invalid", []string{"movieId"}},
		{"unknown field", "PUT", "/match/queue", m.Token, `{"movieId":"jaws-1975","place":1}`, 400, "invalid", []string{"place"}},
		{"wrong type", "PUT", "/match/queue", m.Token, `{"movieId":7}`, 400, "invalid", []string{"movieId"}},
		{"wrong type in a list", "PUT", "/match/queue", m.Token, `{"movieId":"jaws-1975","alsoMovieIds":"pulp-fiction-1994"}`, 400, "invalid", []string{"alsoMovieIds"}},
		{"unknown second choice", "PUT", "/match/queue", m.Token, `{"movieId":"jaws-1975","alsoMovieIds":["x"]}`, 400, "invalid", []string{"alsoMovieIds"}},
		{"first choice again", "PUT", "/match/queue", m.Token, `{"movieId":"jaws-1975","alsoMovieIds":["jaws-1975"]}`, 400, "invalid", []string{"alsoMovieIds"}},
		{"second choice twice", "PUT", "/match/queue", m.Token, `{"movieId":"jaws-1975","alsoMovieIds":["pulp-fiction-1994","pulp-fiction-1994"]}`, 400, "invalid", []string{"alsoMovieIds"}},
		{"five second choices", "PUT", "/match/queue", m.Token, `{"movieId":"a","alsoMovieIds":["b","c","d","e","f"]}`, 400, "invalid", []string{"alsoMovieIds"}},
		{"two objects", "PUT", "/match/queue", m.Token, `{"movieId":"jaws-1975"}{}`, 400, "invalid", []string{"body"}},
		{"no JSON", "PUT", "/match/queue", m.Token, `movieId=jaws-1975`, 400, "invalid", []string{"body"}},
		{"a list", "PUT", "/match/queue", m.Token, `[]`, 400, "invalid", []string{"body"}},
		{"an empty body", "PUT", "/match/queue", m.Token, ``, 400, "invalid", []string{"body"}},

		{"empty nickname", "POST", "/match/members", "", `{"nickname":""}`, 400, "invalid", []string{"nickname"}},
		{"no nickname", "POST", "/match/members", "", `{}`, 400, "invalid", []string{"nickname"}},
		{"21 characters", "POST", "/match/members", "", `{"nickname":"` + strings.Repeat("é", 21) + `"}`, 400, "invalid", []string{"nickname"}},
		{"control character", "POST", "/match/members", "", `{"nickname":"a\u0007b"}`, 400, "invalid", []string{"nickname"}},
		{"NUL in a nickname", "POST", "/match/members", "", `{"nickname":"a\u0000"}`, 400, "invalid", []string{"nickname"}},
		{"invisible nickname", "POST", "/match/members", "", `{"nickname":"\u200b\u200b"}`, 400, "invalid", []string{"nickname"}},
		{"invalid UTF-8", "POST", "/match/members", "", "{\"nickname\":\"a\xff\"}", 400, "invalid", []string{"body"}},
		{"a number that is none", "POST", "/match/members", "", `{"nickname":1e999}`, 400, "invalid", []string{"nickname"}},
		{"over-long body", "POST", "/match/members", "", big, 413, "too-large", []string{"body"}},

		{"NUL in a search", "GET", "/match/movies?q=a%00", "", "", 400, "invalid", []string{"q"}},
		{"invalid UTF-8 in a search", "GET", "/match/movies?q=%ff", "", "", 400, "invalid", []string{"q"}},
		{"a query that is none", "GET", "/match/movies?q=%zz", "", "", 400, "invalid", []string{"query"}},
		{"NUL in a genre", "GET", "/match/movies?genre=%00", "", "", 400, "invalid", []string{"genre"}},
		{"a year that is none", "GET", "/match/movies?yearFrom=94", "", "", 400, "invalid", []string{"yearFrom"}},
		{"years that run backwards", "GET", "/match/movies?yearFrom=1999&yearTo=1990", "", "", 400, "invalid", []string{"yearTo"}},
		{"unknown order", "GET", "/match/movies?sort=votes", "", "", 400, "invalid", []string{"sort"}},
		{"page of none", "GET", "/match/movies?limit=0", "", "", 400, "invalid", []string{"limit"}},
		{"page too long", "GET", "/match/movies?limit=101", "", "", 400, "invalid", []string{"limit"}},
		{"cursor that is none", "GET", "/match/movies?cursor=x", "", "", 400, "invalid", []string{"cursor"}},
		{"NUL in a cursor", "GET", "/match/movies?cursor=%00", "", "", 400, "invalid", []string{"cursor"}},
		{"unknown film by address", "GET", "/match/movies/no-such-film", "", "", 404, "not-found", nil},
		{"NUL in an address", "GET", "/match/movies/a%00", "", "", 404, "not-found", nil},
		{"invalid UTF-8 in an address", "GET", "/match/movies/%ff", "", "", 404, "not-found", nil},

		{"no such address", "GET", "/match/nothing", "", "", 404, "not-found", nil},
		{"no such asset", "GET", "/match/assets/nothing.js", "", "", 404, "not-found", nil},
		{"wrong method", "POST", "/match/queue", m.Token, "", 405, "method-not-allowed", nil},
		{"wrong method on films", "DELETE", "/match/movies", "", "", 405, "method-not-allowed", nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := w.do(c.method, c.path, c.bearer, c.body)
			kind, fields := r.problem()
			if r.status != c.status || kind != c.kind || fmt.Sprint(fields) != fmt.Sprint(c.fields) {
				t.Errorf("%s %s %s: got %s, want %d %s %v", c.method, c.path, c.body, r, c.status, c.kind, c.fields)
			}
			if got := r.header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("content type %q", got)
			}
			if (r.status == 401) != (r.header.Get("WWW-Authenticate") != "") {
				t.Errorf("WWW-Authenticate: %q with %d", r.header.Get("WWW-Authenticate"), r.status)
			}
			if (r.status == 405) != (r.header.Get("Allow") != "") {
				t.Errorf("Allow: %q with %d", r.header.Get("Allow"), r.status)
			}
			if r.header.Get("X-Request-Id") == "" {
				t.Error("no X-Request-Id")
			}
		})
	}
}

func TestBadInput_foreignOriginsAreRefused(t *testing.T) {
	w := newWorld(t)
	req, err := http.NewRequest("GET", w.url+"/match/movies", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", "https://elsewhere.example")

	resp, err := client.Do(req)

	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	w.equal("status", resp.StatusCode, http.StatusForbidden)
}
