package rules

import (
	"strings"
	"testing"
)

func TestCovers_onlySaysYesWhenItIsSo(t *testing.T) {
	cases := []struct {
		wide, narrow string
		want         bool
	}{
		{"*", "/a", true},
		{"/a/*", "/a/", true},
		{"/a/*", "/a/*", true},
		{"/a/*", "/a/*/b", true},
		{"/a/*", "/a/??", true},
		{"/a/*", "/a", false},
		{"/a/?", "/a/b", true},
		{"/a/?", "/a/*", false},
		{"/a/b", "/a/?", false},
		{"*a*", "xax", true},
		{"*a*b*", "*a?b*", true},
		{"*a*b*", "*b*a*", false},
		{"?*", "*?", false}, // the same strings, but proving it is not worth the code
	}
	for _, c := range cases {
		wide, narrow := newPattern(c.wide, false, false), newPattern(c.narrow, false, false)
		if got := wide.covers(narrow); got != c.want {
			t.Errorf("%q covers %q: %t, want %t", c.wide, c.narrow, got, c.want)
		}
	}
}

// slowMatch is the definition of the wildcards, written down: "*" is nothing or
// one more character, "?" is one.
func slowMatch(pattern, s string) bool {
	switch {
	case pattern == "":
		return s == ""
	case pattern[0] == '*':
		return slowMatch(pattern[1:], s) || (s != "" && slowMatch(pattern, s[1:]))
	case s == "":
		return false
	}
	return (pattern[0] == '?' || pattern[0] == s[0]) && slowMatch(pattern[1:], s[1:])
}

func slowLower(s string) string {
	out := []byte(s)
	for i, c := range out {
		if strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZ", c) >= 0 {
			out[i] = c + 'a' - 'A'
		}
	}
	return string(out)
}

func FuzzPattern_matchesLikeItsDefinition(f *testing.F) {
	f.Add("/chat/*", "/chat/ws")          // a prefix
	f.Add("/chat/*", "/chat")             // one character short of it
	f.Add("*a*b", "aXbYab")               // going back to the last star
	f.Add("?*?", "x")                     // too short
	f.Add("", "")                         // nothing at all
	f.Add("*.Example.com", "A.example.C") // case
	f.Add("\xff*", "\xff\xfe")            // no UTF-8
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 12 || len(s) > 24 || strings.Count(pattern, "*") > 4 {
			t.Skip("the slow matcher takes exponential time")
		}
		if got, want := newPattern(pattern, false, false).Match(s), slowMatch(pattern, s); got != want {
			t.Errorf("%q on %q: %t, want %t", pattern, s, got, want)
		}
		folded := slowMatch(slowLower(pattern), slowLower(s))
		if got := newPattern(pattern, true, false).Match(s); got != folded {
			t.Errorf("%q on %q without case: %t, want %t", pattern, s, got, folded)
		}
	})
}

func FuzzCovers_neverHidesAReachableRule(f *testing.F) {
	f.Add("/a/*", "/a/?", "/a/b")
	f.Add("*?", "?*", "x")
	f.Add("*", "*", "")
	f.Fuzz(func(t *testing.T, wide, narrow, s string) {
		if len(wide) > 12 || len(narrow) > 12 || len(s) > 24 {
			t.Skip("short ones find the same mistakes")
		}
		w, n := newPattern(wide, false, false), newPattern(narrow, false, false)
		if w.covers(n) && n.Match(s) && !w.Match(s) {
			t.Errorf("%q is said to cover %q, but only the second matches %q", wide, narrow, s)
		}
	})
}
