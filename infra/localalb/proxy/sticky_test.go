package proxy

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestSealer_opensOnlyWhatItHasSealedForTheSamePurposeInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := newSealer()
		if err != nil {
			t.Fatal(err)
		}
		other, err := newSealer()
		if err != nil {
			t.Fatal(err)
		}
		text := s.seal("group a", "10.0.1.1:8080", time.Now().Add(time.Minute))
		open := func(s *sealer, purpose, text string, after time.Duration) string {
			value, err := s.open(purpose, text, time.Now().Add(after))
			if err != nil {
				return "refused"
			}
			return value
		}
		flipped := []byte(text)
		flipped[20] ^= 1
		cases := []struct {
			name, got, want string
		}{
			{"in time", open(s, "group a", text, time.Minute-1), "10.0.1.1:8080"},
			{"too late", open(s, "group a", text, time.Minute), "refused"},
			{"another purpose", open(s, "group b", text, 0), "refused"},
			{"another process", open(other, "group a", text, 0), "refused"},
			{"changed", open(s, "group a", string(flipped), 0), "refused"},
			{"cut short", open(s, "group a", text[:10], 0), "refused"},
			{"empty", open(s, "group a", "", 0), "refused"},
		}
		for _, c := range cases {
			if c.got != c.want {
				t.Errorf("%s: %s, want %s", c.name, c.got, c.want)
			}
		}
		if strings.Contains(text, "10.0") || text == s.seal("group a", "10.0.1.1:8080", time.Now().Add(time.Minute)) {
			t.Error("the cookie can be read, or two are alike")
		}
	})
}

func TestSealer_wishTakesTheTwinAndTheFirstThatOpens(t *testing.T) {
	s, err := newSealer()
	if err != nil {
		t.Fatal(err)
	}
	good := s.seal("g", "a", time.Now().Add(time.Hour))
	cases := []struct{ cookies, want string }{
		{"AWSALB=" + good, "a"},
		{"AWSALBCORS=" + good, "a"},
		{"AWSALB=stale; AWSALB=" + good, "a"},
		{"AWSALB=stale; AWSALBCORS=" + good, "a"},
		{"AWSALBTG=" + good, ""},
		{"", ""},
	}
	for _, c := range cases {
		r := &http.Request{Header: http.Header{"Cookie": {c.cookies}}}
		if got := s.wish(r, targetCookie, "g"); got != c.want {
			t.Errorf("%q: %q, want %q", c.cookies, got, c.want)
		}
	}
}
