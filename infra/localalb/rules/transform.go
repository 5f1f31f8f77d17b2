package rules

import (
	"regexp"
	"strconv"
	"strings"
)

// Transforms change a request after its rule was chosen, before its target sees it
// (user guide, rule-transforms). A nil one changes nothing.
type Transforms struct {
	URL  *Rewrite // of path and query, as one text
	Host *Rewrite // of the Host header
}

// Rewrite replaces what a regular expression finds.
type Rewrite struct {
	regex   *regexp.Regexp
	replace []replacement
}

// replacement is a piece of text, or what a group has matched.
type replacement struct {
	text  string
	group int // -1: text
}

// Apply rewrites the first match. Without a match s comes back as it was. Whether ALB
// rewrites later matches too is not documented; anchor the expression.
func (w *Rewrite) Apply(s string) (rewritten string, matched bool) {
	at := w.regex.FindStringSubmatchIndex(s)
	if at == nil {
		return s, false
	}
	var b strings.Builder
	b.WriteString(s[:at[0]])
	for _, r := range w.replace {
		switch {
		case r.group < 0:
			b.WriteString(r.text)
		case at[2*r.group] >= 0: // a group that took part in the match
			b.WriteString(s[at[2*r.group]:at[2*r.group+1]])
		}
	}
	b.WriteString(s[at[1]:])
	return b.String(), true
}

var groupReference = regexp.MustCompile(`\$\d`)

// parseReplacement takes "$1" to "$9" apart from the text around them.
func parseReplacement(text string) (parts []replacement, highest int) {
	for text != "" {
		at := groupReference.FindStringIndex(text)
		if at == nil {
			return append(parts, replacement{text, -1}), highest
		}
		group, _ := strconv.Atoi(text[at[0]+1 : at[1]]) // one digit
		parts = append(parts, replacement{text[:at[0]], -1}, replacement{"", group})
		highest = max(highest, group)
		text = text[at[1]:]
	}
	return parts, highest
}

func readTransforms(r *reader, action Action) Transforms {
	var t Transforms
	for _, b := range r.blocks("transform") {
		switch b.mustOneOf("type", "url-rewrite", "host-header-rewrite") {
		case "url-rewrite":
			readTransform(b, "url_rewrite_config", &t.URL)
		case "host-header-rewrite":
			readTransform(b, "host_header_rewrite_config", &t.Host)
		}
		if action.Forward == nil {
			b.out.add(b.at, "%s: what a transform does to a redirect or a fixed response is not documented; forward, or leave it out", r.name)
		}
		b.done()
	}
	return t
}

func readTransform(b *reader, config string, into **Rewrite) {
	if *into != nil {
		b.out.add(b.at, "%s: a rule may have only one transform of this type", b.name)
	}
	c := b.block(config)
	if c == nil {
		b.out.add(b.at, "%s: a block %s must be set", b.name, config)
		return
	}
	defer c.done()
	w := c.block("rewrite")
	if w == nil {
		c.out.add(c.at, "%s: a block rewrite must be set", c.name)
		return
	}
	defer w.done()
	w.must("replace") // it may be empty
	regex, replace := w.mustText("regex"), w.text("replace", "")
	if regex == "" || !w.has("replace") {
		return
	}
	re, problem := compileRegex(regex, maxTransform, false)
	if problem != "" {
		w.refuse("regex", "regex %q %s", regex, problem)
		return
	}
	parts, highest := parseReplacement(replace)
	switch {
	case len(replace) > maxTransform:
		w.refuse("replace", "replace has %d characters; at most %d are allowed", len(replace), maxTransform)
	case highest > re.NumSubexp():
		w.refuse("replace", "replace names group $%d, but regex has %d groups", highest, re.NumSubexp())
	}
	*into = &Rewrite{regex: re, replace: parts}
}
