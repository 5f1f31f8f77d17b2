package rules

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Redirect answers with a Location made of the request's own parts. The
// placeholders are #{protocol}, #{host}, #{port}, #{path} (without its leading
// slash) and #{query}.
type Redirect struct {
	Status                            int // 301 or 302
	Protocol, Host, Port, Path, Query string
}

// Origin is the URL as the client sees it, in the parts a redirect keeps.
type Origin struct {
	Protocol string // "http" or "https"
	Host     string // without port; IPv6 in brackets
	Port     int
	Path     string // raw, with its leading slash
	Query    string // raw, without "?"
}

// Location fills the placeholders. The port is always written and an empty
// query leaves no "?": AWS documents neither.
func (r *Redirect) Location(o Origin) string {
	fill := strings.NewReplacer(
		"#{protocol}", o.Protocol,
		"#{host}", o.Host,
		"#{port}", strconv.Itoa(o.Port),
		"#{path}", strings.TrimPrefix(o.Path, "/"),
		"#{query}", o.Query,
	).Replace
	location := strings.ToLower(fill(r.Protocol)) + "://" + fill(r.Host) + ":" + fill(r.Port) + fill(r.Path)
	if query := fill(r.Query); query != "" {
		location += "?" + query
	}
	return location
}

// What stands in a redirect when its argument is left out (provider).
const (
	sameProtocol = "#{protocol}"
	sameHost     = "#{host}"
	samePort     = "#{port}"
	samePath     = "/#{path}"
	sameQuery    = "#{query}"
)

func readRedirect(a *reader) *Redirect {
	b := a.block("redirect")
	if b == nil {
		a.out.add(a.at, "%s: a redirect block must be set", a.name)
		return nil
	}
	defer b.done()
	r := &Redirect{
		Status:   http.StatusMovedPermanently,
		Protocol: b.oneOf("protocol", sameProtocol, sameProtocol, "HTTP", "HTTPS"),
		Host:     b.text("host", sameHost),
		Port:     b.text("port", samePort),
		Path:     b.text("path", samePath),
		Query:    b.text("query", sameQuery),
	}
	if b.mustOneOf("status_code", "HTTP_301", "HTTP_302") == "HTTP_302" {
		r.Status = http.StatusFound
	}
	checkRedirect(b, r)
	return r
}

// redirectPlaceholder finds anything that looks like a placeholder.
var redirectPlaceholder = regexp.MustCompile(`#\{[^}]*\}?`)

// checkRedirect holds the rules of RedirectActionConfig in the API reference.
func checkRedirect(b *reader, r *Redirect) {
	if r.Protocol == sameProtocol && r.Host == sameHost && r.Port == samePort && r.Path == samePath {
		b.out.add(b.at, "%s: at least one of protocol, host, port and path must change, or the client would loop", b.name)
	}
	if n, err := strconv.Atoi(r.Port); r.Port != samePort && (err != nil || n < 1 || n > maxPort) {
		b.refuse("port", "port %q is neither #{port} nor a number from 1 to %d", r.Port, maxPort)
	}
	if !strings.HasPrefix(r.Path, "/") {
		b.refuse("path", "path %q must start with /", r.Path)
	}
	for _, part := range []struct{ name, value, keywords, ends string }{
		{"host", r.Host, "#{host}", `/\?#:@`},
		{"path", r.Path, "#{host} #{path} #{port}", "?#"},
		{"query", r.Query, "#{protocol} #{host} #{port} #{path} #{query}", "#"},
	} {
		if n := len(part.value); n > maxRedirectPart || (n == 0 && part.name == "host") {
			b.refuse(part.name, "%s has %d characters; at most %d are allowed", part.name, n, maxRedirectPart)
		}
		if !visible(part.value) {
			b.refuse(part.name, "%s %q holds characters that are not visible ASCII", part.name, part.value)
		}
		if own := redirectPlaceholder.ReplaceAllString(part.value, ""); strings.ContainsAny(own, part.ends) {
			b.refuse(part.name, "%s %q may not hold any of %s: it would end there", part.name, part.value, part.ends)
		}
		for _, p := range redirectPlaceholder.FindAllString(part.value, -1) {
			if !strings.Contains(part.keywords, p) || !strings.HasSuffix(p, "}") {
				b.refuse(part.name, "%s may not hold %s; allowed: %s", part.name, p, part.keywords)
			}
		}
	}
}
