package rules

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Request is what conditions look at, untouched: ALB neither decodes nor
// cleans what it compares (user guide, rule-condition-types).
type Request struct {
	Method string
	Host   string // without port
	Path   string // as in the request line, without query
	Query  string // as in the request line, without "?"
	Header http.Header
	Peer   netip.Addr // of the TCP connection, never of X-Forwarded-For
}

// Condition is one condition block of a rule. Its values are ORed; the
// conditions of a rule are ANDed.
type Condition interface {
	// Match tells whether the request meets the condition.
	Match(*Request) bool
	// covers tells whether each request that meets the other meets this too.
	covers(other Condition) bool
	// kind is the same for conditions of which a rule may have only one.
	kind() string
	// size counts values and wildcards against the limits of a rule.
	size() (values, wildcards int)
}

// Route gives the rule that decides: the first match by priority, else the
// listener's default action.
func (l *Listener) Route(req *Request) *Rule {
	for _, r := range l.Rules {
		if r.matches(req) {
			return r
		}
	}
	return l.Default
}

func (r *Rule) matches(req *Request) bool {
	for _, c := range r.Conditions {
		if !c.Match(req) {
			return false
		}
	}
	return true
}

// patterns is the shared half of conditions that compare one text.
type patterns []Pattern

func (ps patterns) match(s string) bool {
	return slices.ContainsFunc(ps, func(p Pattern) bool { return p.Match(s) })
}

func (ps patterns) coverAll(others patterns) bool {
	for _, o := range others {
		if !slices.ContainsFunc(ps, func(p Pattern) bool { return p.covers(o) }) {
			return false
		}
	}
	return true
}

func (ps patterns) size() (values, wildcards int) {
	for _, p := range ps {
		wildcards += p.wildcards()
	}
	return len(ps), wildcards
}

// pathPattern compares the raw path; case matters.
type pathPattern struct{ patterns }

func (c pathPattern) Match(r *Request) bool { return c.match(r.Path) }
func (c pathPattern) kind() string          { return "path_pattern" }
func (c pathPattern) covers(o Condition) bool {
	other, ok := o.(pathPattern)
	return ok && c.coverAll(other.patterns)
}

// hostHeader compares the Host header without its port; case does not matter.
type hostHeader struct{ patterns }

func (c hostHeader) Match(r *Request) bool { return c.match(r.Host) }
func (c hostHeader) kind() string          { return "host_header" }
func (c hostHeader) covers(o Condition) bool {
	other, ok := o.(hostHeader)
	return ok && c.coverAll(other.patterns)
}

// httpHeader compares each value of one header; case does not matter.
type httpHeader struct {
	name string // canonical form of net/http
	patterns
}

func (c httpHeader) Match(r *Request) bool {
	return slices.ContainsFunc(r.Header[c.name], c.match)
}
func (c httpHeader) kind() string { return "http_header " + c.name }
func (c httpHeader) covers(o Condition) bool {
	other, ok := o.(httpHeader)
	return ok && c.name == other.name && c.coverAll(other.patterns)
}

var decodeDots = strings.NewReplacer("%2e", ".", "%2E", ".", "%2f", "/", "%2F", "/")

// Climbs tells whether a path leaves the root by "..", plain or encoded. ALB
// answers 400 to such paths; users saw it, AWS does not document it.
func Climbs(path string) bool {
	if !strings.Contains(path, "..") && !strings.Contains(path, "%2") { // nearly all
		return false
	}
	depth := 0
	for segment := range strings.SplitSeq(decodeDots.Replace(path), "/") {
		switch segment {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return true
			}
		default:
			depth++
		}
	}
	return false
}

// requestMethod compares exactly; GET does not imply HEAD.
type requestMethod struct{ values []string }

func (c requestMethod) Match(r *Request) bool { return slices.Contains(c.values, r.Method) }
func (c requestMethod) kind() string          { return "http_request_method" }
func (c requestMethod) size() (int, int)      { return len(c.values), 0 }
func (c requestMethod) covers(o Condition) bool {
	other, ok := o.(requestMethod)
	return ok && !slices.ContainsFunc(other.values, func(v string) bool { return !slices.Contains(c.values, v) })
}

// sourceIP compares the address of the TCP peer.
type sourceIP struct{ prefixes []netip.Prefix }

func (c sourceIP) Match(r *Request) bool {
	return slices.ContainsFunc(c.prefixes, func(p netip.Prefix) bool { return p.Contains(r.Peer) })
}
func (c sourceIP) kind() string     { return "source_ip" }
func (c sourceIP) size() (int, int) { return len(c.prefixes), 0 }
func (c sourceIP) covers(o Condition) bool {
	other, ok := o.(sourceIP)
	return ok && !slices.ContainsFunc(other.prefixes, func(q netip.Prefix) bool {
		return !slices.ContainsFunc(c.prefixes, func(p netip.Prefix) bool {
			return p.Bits() <= q.Bits() && p.Contains(q.Addr())
		})
	})
}

// queryString is met by one key=value pair that fits; case does not matter.
// Pairs are compared raw: whether ALB decodes them is not documented.
type queryString struct{ pairs []queryPair }

type queryPair struct {
	anyKey     bool
	key, value Pattern
}

func (c queryString) Match(r *Request) bool {
	for part := range strings.SplitSeq(r.Query, "&") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		for _, p := range c.pairs {
			if (p.anyKey || p.key.Match(key)) && p.value.Match(value) {
				return true
			}
		}
	}
	return false
}
func (c queryString) kind() string { return "query_string" }
func (c queryString) size() (values, wildcards int) {
	for _, p := range c.pairs {
		wildcards += p.key.wildcards() + p.value.wildcards()
	}
	return len(c.pairs), wildcards
}
func (c queryString) covers(o Condition) bool {
	other, ok := o.(queryString)
	return ok && !slices.ContainsFunc(other.pairs, func(q queryPair) bool {
		return !slices.ContainsFunc(c.pairs, func(p queryPair) bool {
			keyCovered := p.anyKey || (!q.anyKey && p.key.covers(q.key))
			return keyCovered && p.value.covers(q.value)
		})
	})
}
