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
// one more character, "?" is one. With escapes, a backslash makes them themselves.
func slowMatch(pattern, s string, escapes bool) bool {
	switch {
	case pattern == "":
		return s == ""
	case escapes && (strings.HasPrefix(pattern, `\*`) || strings.HasPrefix(pattern, `\?`)):
		return s != "" && s[0] == pattern[1] && slowMatch(pattern[2:], s[1:], escapes)
	case pattern[0] == '*':
		return slowMatch(pattern[1:], s, escapes) || (s != "" && slowMatch(pattern, s[1:], escapes))
	case s == "":
		return false
	}
	return (pattern[0] == '?' || pattern[0] == s[0]) && slowMatch(pattern[1:], s[1:], escapes)
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
	f.Add(`a\*\?b`, `a*?b`)               // escapes
	f.Add(`\`, `\`)                       // one that escapes nothing
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 12 || len(s) > 24 || strings.Count(pattern, "*") > 4 {
			t.Skip("the slow matcher takes exponential time")
		}
		for _, escapes := range []bool{false, true} {
			if got, want := newPattern(pattern, false, escapes).Match(s), slowMatch(pattern, s, escapes); got != want {
				t.Errorf("%q on %q, escapes %t: %t, want %t", pattern, s, escapes, got, want)
			}
			folded := slowMatch(slowLower(pattern), slowLower(s), escapes)
			if got := newPattern(pattern, true, escapes).Match(s); got != folded {
				t.Errorf("%q on %q without case, escapes %t: %t, want %t", pattern, s, escapes, got, folded)
			}
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
