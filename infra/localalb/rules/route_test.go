package rules

import (
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzRoute_picksTheFirstMatchByPriority makes rules and a request out of the input,
// writes the rules as Terraform, and compares what Load and Route make of them with
// slowRoute. What Load refuses says nothing, but for a rule that is said to be out of
// reach: no request may go there.
func FuzzRoute_picksTheFirstMatchByPriority(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("800X000701100")) // a regular expression on a host, of which case does not matter
	for kind := range byte(kinds) {
		f.Add([]byte{1, 7, 1, kind, 1, 2, 3, 4, 5, 6, 7, 8, 9})
		f.Add([]byte{3, 9, 2, kind, 2, 0, 1, (kind + 1) % kinds, 1, 2, 4, 1, 1, kind, 1, 3, 2, 8, 1, 5, 1, 6, 0, 1, 2, 3, 4})
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := dice{data}
		rules := d.rules()
		cfg, err := Load(fstest.MapFS{"case.tf": {Data: []byte(terraformFor(rules))}})
		hidden := map[int]bool{}
		if err != nil {
			for _, r := range rules {
				hidden[r.priority] = strings.Contains(err.Error(), fmt.Sprintf("aws_lb_listener_rule.r%d: can never be reached", r.priority))
			}
		}
		for range 8 {
			req := d.request()
			if to := slowRoute(rules, req); hidden[to] {
				t.Errorf("%+v\ngoes to priority %d, but: %v\n%s", req, to, err, terraformFor(rules))
			}
			if err != nil {
				continue
			}
			got := cfg.Listeners["aws_lb_listener.l"].Route(req)
			if want := slowRoute(rules, req); got.Priority != want {
				t.Errorf("%+v\nwent to priority %d, want %d by\n%s", req, got.Priority, want, terraformFor(rules))
			}
		}
	})
}

// FuzzLoad_refusesOrAccepts is about input that is no Terraform: it must end in a
// problem, not in a crash.
func FuzzLoad_refusesOrAccepts(f *testing.F) {
	f.Add("resource \"aws_lb\" \"b\" {\nidle_timeout = 60\n}\n") // one that is accepted
	f.Add("resource \"aws_lb_listener_rule\" \"x\" {\ncondition {\nquery_string {\n")
	f.Fuzz(func(t *testing.T, text string) {
		cfg, err := Load(fstest.MapFS{"case.tf": {Data: []byte(text)}})
		if (cfg == nil) == (err == nil) {
			t.Errorf("config %v, error %v", cfg, err)
		}
	})
}

// The kinds of conditions, as they are counted by dice.
const (
	onPath = iota
	onHost
	onHeader
	onMethod
	onQuery
	onSource
	onPathRegex
	onHostRegex
	onHeaderRegex
	kinds
)

type slowRule struct {
	priority   int
	conditions []slowCondition
}

type slowCondition struct {
	kind   int
	name   string // of a header
	values []string
	keys   []string // of a query; "" is any key
}

// slowRoute is what ALB promises in the plainest words: of all rules whose conditions
// all hold, the one with the smallest priority; 0 is the default action.
func slowRoute(rules []slowRule, req *Request) int {
	best := 0
	for _, r := range rules {
		holds := true
		for _, c := range r.conditions {
			holds = holds && c.holds(req)
		}
		if holds && (best == 0 || r.priority < best) {
			best = r.priority
		}
	}
	return best
}

// holds tells whether one of the values fits.
func (c slowCondition) holds(req *Request) bool {
	for i, value := range c.values {
		if c.fits(i, value, req) {
			return true
		}
	}
	return false
}

func (c slowCondition) fits(i int, value string, req *Request) bool {
	switch c.kind {
	case onPath:
		return slowMatch(value, req.Path, false)
	case onPathRegex:
		return regexp.MustCompile(value).MatchString(req.Path)
	case onHost:
		return slowMatch(slowLower(value), slowLower(req.Host), false)
	case onHostRegex:
		return regexp.MustCompile(slowLower(value)).MatchString(slowLower(req.Host))
	case onHeader, onHeaderRegex:
		for name, lines := range req.Header {
			for _, line := range lines {
				if slowLower(name) != slowLower(c.name) {
					continue
				}
				if c.kind == onHeader && slowMatch(slowLower(value), slowLower(line), false) ||
					c.kind == onHeaderRegex && regexp.MustCompile(slowLower(value)).MatchString(slowLower(line)) {
					return true
				}
			}
		}
		return false
	case onMethod:
		return value == req.Method
	case onQuery:
		for _, pair := range strings.Split(req.Query, "&") {
			key, v, _ := strings.Cut(pair, "=")
			anyKey := c.keys[i] == ""
			if pair != "" && (anyKey || slowMatch(slowLower(c.keys[i]), slowLower(key), true)) && slowMatch(slowLower(value), slowLower(v), true) {
				return true
			}
		}
		return false
	default:
		return slowContains(value, req.Peer)
	}
}

// slowContains compares addresses bit by bit.
func slowContains(cidr string, peer netip.Addr) bool {
	prefix := netip.MustParsePrefix(cidr)
	ours, theirs := prefix.Addr().AsSlice(), peer.AsSlice()
	if len(ours) != len(theirs) {
		return false
	}
	for bit := range prefix.Bits() {
		if (ours[bit/8]^theirs[bit/8])>>(7-bit%8)&1 == 1 {
			return false
		}
	}
	return true
}

// dice makes choices out of a fuzzer's bytes; the choices are few, so that rules and
// requests meet.
type dice struct{ data []byte }

func (d *dice) roll(n int) int {
	if len(d.data) == 0 {
		return 0
	}
	b := d.data[0]
	d.data = d.data[1:]
	return int(b) % n
}

func (d *dice) pick(from ...string) string { return from[d.roll(len(from))] }

// text strings pieces together.
func (d *dice) text(first string, pieces ...string) string {
	for range d.roll(4) {
		first += d.pick(pieces...)
	}
	return first
}

func (d *dice) rules() []slowRule {
	rules := make([]slowRule, d.roll(5))
	for i := range rules {
		rules[i].priority = 1 + d.roll(50)
		for range 1 + d.roll(3) {
			rules[i].conditions = append(rules[i].conditions, d.condition())
		}
	}
	return rules
}

func (d *dice) condition() slowCondition {
	c := slowCondition{kind: d.roll(kinds), name: d.pick("X-a", "x-A", "X-B")}
	for range 1 + d.roll(2) {
		c.keys = append(c.keys, d.pick("", "a", "A?", "*b", `\*`, `\?a`))
		c.values = append(c.values, d.value(c.kind))
	}
	return c
}

func (d *dice) value(kind int) string {
	switch kind {
	case onPath:
		return d.text("/", "a", "A", "*", "?", "/", ".")
	case onHost:
		return d.text("", "a", "B", "*", "?", ".") + d.pick(".example", ".EX")
	case onMethod:
		return d.pick("GET", "POST", "G")
	case onSource:
		return d.pick("192.0.2.0/24", "192.0.2.128/25", "192.0.2.7/32", "2001:db8::/33", "0.0.0.0/0", "::/0")
	case onPathRegex:
		return d.pick("^/a+$", "^/(a|A)/?$", "^/.*b$", "^/[^/]*$")
	case onHostRegex:
		return d.pick("^a+[.]example$", "^[ab.]*EX$", "^.*$", "^B.*[.]ex(ample)?$")
	case onHeaderRegex:
		return d.pick("^a+$", "^(A|b) ?$", "^.*B$", "^$")
	case onQuery:
		return d.text(d.pick("a", "*", "?", `\*`), "a", "B", "*", "?", `\*`, `\?`)
	}
	return d.text(d.pick("a", "*", "?"), "a", "B", "*", "?", " ")
}

func (d *dice) request() *Request {
	req := &Request{
		Method: d.pick("GET", "POST", "get", "G"),
		Host:   d.text("", "a", "b", ".") + d.pick(".example", ".ex", ""),
		Path:   d.text("/", "a", "A", "b", "/", ".", "%2f", "*"),
		Query:  d.text("", "a=", "A", "b", "&", "=", "aB", "*", "?"),
		Header: http.Header{},
		Peer:   netip.MustParseAddr(d.pick("192.0.2.7", "192.0.2.200", "198.51.100.1", "2001:db8::1", "2001:db8:8000::1")),
	}
	for range d.roll(3) {
		req.Header.Add(d.pick("X-A", "X-B"), d.text("", "a", "b", "B", " "))
	}
	return req
}

// terraformFor writes the rules down, last priority first: their order in the file
// means nothing.
func terraformFor(rules []slowRule) string {
	rules = slices.Clone(rules)
	slices.SortStableFunc(rules, func(a, b slowRule) int { return b.priority - a.priority })
	fixed := "action {\n type = \"fixed-response\"\n fixed_response {\n content_type = \"text/plain\"\n status_code = \"200\"\n }\n }\n"
	out := "resource \"aws_lb\" \"b\" {\n idle_timeout = 60\n}\n" +
		"resource \"aws_lb_listener\" \"l\" {\n load_balancer_arn = aws_lb.b.arn\n port = 80\n default_" + fixed + "}\n"
	for _, r := range rules {
		out += fmt.Sprintf("resource \"aws_lb_listener_rule\" \"r%d\" {\n listener_arn = aws_lb_listener.l.arn\n priority = %[1]d\n%s", r.priority, fixed)
		for _, c := range r.conditions {
			out += " condition {\n" + c.terraform() + " }\n"
		}
		out += "}\n"
	}
	return out
}

func (c slowCondition) terraform() string {
	list := "values = [\"" + strings.Join(c.values, `", "`) + "\"]\n"
	switch c.kind {
	case onPath:
		return "path_pattern {\n" + list + "}\n"
	case onPathRegex:
		return "path_pattern {\nregex_" + list + "}\n"
	case onHostRegex:
		return "host_header {\nregex_" + list + "}\n"
	case onHeaderRegex:
		return fmt.Sprintf("http_header {\nhttp_header_name = %q\nregex_%s}\n", c.name, list)
	case onHost:
		return "host_header {\n" + list + "}\n"
	case onHeader:
		return fmt.Sprintf("http_header {\nhttp_header_name = %q\n%s}\n", c.name, list)
	case onMethod:
		return "http_request_method {\n" + list + "}\n"
	case onSource:
		return "source_ip {\n" + list + "}\n"
	}
	out := ""
	for i, v := range c.values {
		out += "query_string {\n"
		if c.keys[i] != "" {
			out += fmt.Sprintf("key = %q\n", c.keys[i])
		}
		out += fmt.Sprintf("value = %q\n}\n", v)
	}
	return out
}
