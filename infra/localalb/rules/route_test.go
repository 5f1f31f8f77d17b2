package rules

import (
	"fmt"
	"net/http"
	"testing"
)

// slowRoute is what Route promises, in the plainest words: of all rules that
// match, the one with the smallest priority.
func slowRoute(l *Listener, path, method string, patterns map[*Rule]slowRule) *Rule {
	best := l.Default
	for r, slow := range patterns {
		if slowMatch(slow.path, path) && (slow.method == "" || slow.method == method) &&
			(best == l.Default || r.Priority < best.Priority) {
			best = r
		}
	}
	return best
}

type slowRule struct{ path, method string }

func FuzzRoute_picksTheFirstMatchByPriority(f *testing.F) {
	f.Add("/chat/*", "/chat*", "*", "/chat/ws", "GET")
	f.Add("/a?", "/ab", "/a", "/ab", "POST")
	f.Add("*/c", "/*/b/*", "/a/*", "/a/b/c", "GET")
	f.Fuzz(func(t *testing.T, first, second, third, path, method string) {
		l := &Listener{Default: &Rule{Address: "default"}}
		slow := map[*Rule]slowRule{}
		for i, p := range []string{first, second, third} {
			if len(p) > 12 || len(path) > 24 {
				t.Skip("the slow matcher takes exponential time")
			}
			r := &Rule{Address: fmt.Sprint(i), Priority: i + 1, Conditions: []Condition{pathPattern{patterns{newPattern(p, false, false)}}}}
			s := slowRule{path: p}
			if i == 1 { // conditions are ANDed
				r.Conditions = append(r.Conditions, requestMethod{[]string{"GET"}})
				s.method = "GET"
			}
			l.Rules = append(l.Rules, r)
			slow[r] = s
		}
		got := l.Route(&Request{Method: method, Path: path, Header: http.Header{}})
		if want := slowRoute(l, path, method, slow); got != want {
			t.Errorf("%s %q went to rule %s, want %s", method, path, got.Address, want.Address)
		}
	})
}
