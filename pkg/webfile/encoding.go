package webfile

import (
	"strconv"
	"strings"
)

// prefersGzip reads Accept-Encoding (RFC 9110 section 12.5.3): gzip is taken, and the plain
// octets are not asked for more urgently.
func prefersGzip(values []string) bool {
	gzip, identity, others := -1.0, -1.0, -1.0 // -1: not named
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		name, parameters, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			gzip = max(gzip, weight(parameters))
		case "identity":
			identity = max(identity, weight(parameters))
		case "*":
			others = max(others, weight(parameters))
		}
	}
	if gzip < 0 {
		gzip = others
	}
	return gzip > 0 && gzip >= identity
}

// weight is the q of a choice: 1 where none is given, 0 where it cannot be read, since the
// plain octets are never wrong.
func weight(parameters string) float64 {
	name, value, given := strings.Cut(strings.TrimSpace(parameters), "=")
	if !given && name == "" {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !strings.EqualFold(strings.TrimSpace(name), "q") || q < 0 || q > 1 {
		return 0
	}
	return q
}
