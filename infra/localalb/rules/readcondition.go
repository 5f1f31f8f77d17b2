package rules

import (
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// What each field may be compared with (API, RuleCondition and its
// …ConditionConfig types).
var (
	pathChars   = regexp.MustCompile(`^[A-Za-z0-9_\-.$/~"'@:+&*?]+$`)
	hostForm    = regexp.MustCompile(`^[A-Za-z0-9\-.*?]*\.[A-Za-z]+$`)
	methodForm  = regexp.MustCompile(`^[A-Z_-]+$`)
	headerName  = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+\\-.^_`|~]+$")
	headerValue = regexp.MustCompile(`^[\x20-\x7e]+$`)
)

// broadcast is the one address ALB refuses in a source-ip condition.
var broadcast = netip.MustParsePrefix("255.255.255.255/32")

// unseenHeaders are not among the headers that net/http gives.
var unseenHeaders = []string{"Transfer-Encoding", "Trailer"}

// readConditions reads all condition blocks of a rule and holds the limits
// that count over all of them.
func readConditions(r *reader) []Condition {
	var conditions []Condition
	values, wildcards := 0, 0
	once := map[string]bool{}
	for _, block := range r.blocks("condition") {
		c := readCondition(block)
		if c == nil {
			continue
		}
		kind := c.kind()
		repeatable := strings.HasPrefix(kind, "http_header") || kind == "query_string"
		if once[kind] && !repeatable {
			block.out.add(block.at, "%s: a rule may have only one %s condition; put its values together", r.name, kind)
		}
		once[kind] = true
		v, w := c.size()
		values += v
		wildcards += w
		if v > maxConditionValues {
			block.out.add(block.at, "%s: %d values in one condition; at most %d are allowed", r.name, v, maxConditionValues)
		}
		conditions = append(conditions, c)
	}
	if len(r.blocks("condition")) == 0 {
		r.out.add(r.at, "%s: a rule needs at least one condition", r.name)
	}
	if values > maxRuleValues {
		r.out.add(r.at, "%s: %d condition values; at most %d are allowed in a rule", r.name, values, maxRuleValues)
	}
	if wildcards > maxRuleWildcards {
		r.out.add(r.at, "%s: %d wildcards; at most %d are allowed in a rule", r.name, wildcards, maxRuleWildcards)
	}
	return conditions
}

var conditionReaders = map[string]func(*reader) Condition{
	"path_pattern":        readPath,
	"host_header":         readHost,
	"http_header":         readHeader,
	"http_request_method": readMethod,
	"source_ip":           readSource,
}

// readCondition reads one condition block, which holds exactly one kind.
func readCondition(r *reader) Condition {
	defer r.done()
	var found []Condition
	kinds := 0
	for name, read := range conditionReaders {
		b := r.block(name)
		if b == nil {
			continue
		}
		kinds++
		if c := read(b); c != nil {
			found = append(found, c)
		}
		b.done()
	}
	if pairs := r.blocks("query_string"); len(pairs) > 0 {
		kinds++
		if c := readQuery(pairs); c != nil {
			found = append(found, c)
		}
	}
	if kinds != 1 {
		r.out.add(r.at, "%s: %d kinds of condition in one block; write one condition block for each", r.name, kinds)
		return nil
	}
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// patterns reads values, or regex_values in their place: whether AWS takes both in
// one condition is not documented. nil when they cannot be used.
func (r *reader) patterns(fold bool, check func(string) (problem string)) patterns {
	if !r.has("regex_values") {
		r.opaque("regex_values") // null
		values, _ := r.values(check)
		var ps patterns
		for _, v := range values {
			ps = append(ps, newPattern(v, fold, false))
		}
		return ps
	}
	if r.has("values") {
		r.refuse("regex_values", "set either values or regex_values")
	}
	r.opaque("values")
	var ps patterns
	for _, v := range r.list("regex_values") {
		p, problem := regexPattern(v, fold)
		if problem != "" {
			r.refuse("regex_values", "regular expression %q %s", v, problem)
			return nil
		}
		ps = append(ps, p)
	}
	if len(ps) == 0 {
		r.refuse("regex_values", "regex_values must hold at least one literal")
	}
	return ps
}

// values reads the list every kind but query_string has; ok tells whether it
// can be used.
func (r *reader) values(check func(string) (problem string)) (values []string, ok bool) {
	values = r.list("values")
	if len(values) == 0 {
		r.out.add(r.where("values"), "%s: values must hold at least one literal", r.name)
		return nil, false
	}
	ok = true
	for _, v := range values {
		if problem := check(v); problem != "" {
			r.refuse("values", "value %q %s", v, problem)
			ok = false
		}
	}
	if !ok {
		return nil, false
	}
	return values, true
}

func readPath(r *reader) Condition {
	ps := r.patterns(false, func(v string) string {
		switch {
		case len(v) > maxPatternLength:
			return "is longer than 128 characters"
		case !pathChars.MatchString(v):
			return "holds a character that path patterns do not allow"
		case !strings.ContainsAny(v[:1], "/*?"):
			return "can never match: every path starts with /"
		case Climbs(fixedSegments(v)):
			return "can never match: ALB answers a path above the root with 400 before any rule"
		}
		return ""
	})
	if ps == nil {
		return nil
	}
	return pathPattern{ps}
}

// fixedSegments is a path pattern as far as no wildcard can change a segment.
func fixedSegments(pattern string) string {
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		return pattern[:strings.LastIndexByte(pattern[:i], '/')+1]
	}
	return pattern
}

func readHost(r *reader) Condition {
	ps := r.patterns(true, func(v string) string {
		switch {
		case len(v) > maxPatternLength:
			return "is longer than 128 characters"
		case !hostForm.MatchString(v):
			return "is not a host name with a dot and only letters after the last one"
		}
		return ""
	})
	if ps == nil {
		return nil
	}
	return hostHeader{ps}
}

func readHeader(r *reader) Condition {
	name := r.mustText("http_header_name")
	if name != "" && (len(name) > maxHeaderName || !headerName.MatchString(name)) {
		r.refuse("http_header_name", "header name %q is not 1 to %d token characters", name, maxHeaderName)
	}
	if strings.EqualFold(name, "Host") {
		r.refuse("http_header_name", "the Host header is compared with host_header")
	}
	if slices.Contains(unseenHeaders, http.CanonicalHeaderKey(name)) {
		r.refuse("http_header_name", "localalb cannot compare %s: net/http keeps it to itself", name)
	}
	ps := r.patterns(true, func(v string) string {
		switch {
		case len(v) > maxPatternLength:
			return "is longer than 128 characters"
		case !headerValue.MatchString(v):
			return "holds characters that are not printable ASCII"
		}
		return ""
	})
	if ps == nil {
		return nil
	}
	return httpHeader{http.CanonicalHeaderKey(name), ps}
}

func readMethod(r *reader) Condition {
	values, ok := r.values(func(v string) string {
		if len(v) > maxMethod || !methodForm.MatchString(v) {
			return "is not 1 to 40 characters of A-Z, - and _"
		}
		switch v {
		case http.MethodTrace:
			return "can never match: ALB answers TRACE with 405 before any rule"
		case http.MethodConnect:
			return "can never match: its target is no path, and is answered with 400 before any rule"
		}
		return ""
	})
	if !ok {
		return nil
	}
	return requestMethod{values}
}

func readSource(r *reader) Condition {
	var prefixes []netip.Prefix
	_, ok := r.values(func(v string) string {
		p, err := netip.ParsePrefix(v)
		if err != nil {
			return "is not an address range such as 192.0.2.0/24"
		}
		if p == broadcast {
			return "is not allowed by ALB"
		}
		prefixes = append(prefixes, p.Masked())
		return ""
	})
	if !ok {
		return nil
	}
	return sourceIP{prefixes}
}

func readQuery(blocks []*reader) Condition {
	var c queryString
	ok := true
	for _, b := range blocks {
		b.must("value")
		key, value := b.text("key", ""), b.text("value", "")
		for name, v := range map[string]string{"key": key, "value": value} {
			if !b.has(name) {
				continue
			}
			if len(v) > maxPatternLength || !headerValue.MatchString(v) {
				b.refuse(name, "%s %q is not 1 to %d printable ASCII characters", name, v, maxPatternLength)
				ok = false
			}
		}
		c.pairs = append(c.pairs, queryPair{
			anyKey: !b.has("key"),
			key:    newPattern(key, true, true),
			value:  newPattern(value, true, true),
		})
		b.done()
	}
	if !ok {
		return nil
	}
	return c
}
