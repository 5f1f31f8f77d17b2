package rules

import "regexp"

// Pattern is a value of a path, host, header or query condition: "*" stands
// for any run of characters, "/" included, "?" for exactly one, and the whole
// field must match (user guide, rule-condition-types). Or it is a regular
// expression.
type Pattern struct {
	source string
	tokens tokens
	fold   bool           // ASCII case does not matter
	regex  *regexp.Regexp // in place of tokens; nil for all others
}

// token is a byte to find, or one of the two wildcards.
type token int16

const (
	anyOne token = 256 // "?"
	anyRun token = 257 // "*"
)

type tokens []token

// String is the pattern as it was written.
func (p Pattern) String() string { return p.source }

// newPattern reads a value. With escapes, \* and \? are the characters
// themselves (query-string conditions only).
func newPattern(source string, fold, escapes bool) Pattern {
	p := Pattern{source: source, fold: fold}
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case escapes && c == '\\' && i+1 < len(source) && (source[i+1] == '*' || source[i+1] == '?'):
			i++
			p.tokens = append(p.tokens, token(source[i]))
		case c == '*':
			p.tokens = append(p.tokens, anyRun)
		case c == '?':
			p.tokens = append(p.tokens, anyOne)
		default:
			if fold {
				c = lower(c)
			}
			p.tokens = append(p.tokens, token(c))
		}
	}
	return p
}

// wildcards counts what AWS counts against the limit of a rule.
func (p Pattern) wildcards() int {
	n := 0
	for _, t := range p.tokens {
		if t == anyOne || t == anyRun {
			n++
		}
	}
	return n
}

// Match tells whether the whole of s fits the pattern. It takes at most
// len(pattern) x len(s) steps, so a hostile request cannot make it slow.
func (p Pattern) Match(s string) bool {
	switch {
	case p.regex != nil:
		return p.regex.MatchString(s)
	case p.fold:
		return glob(p.tokens, foldedText(s))
	}
	return glob(p.tokens, text(s))
}

// covers tells whether every string that q matches is matched by p as well.
// It treats q's wildcards as symbols of their own, so it never says yes
// wrongly; it may say no to pairs like "*?" and "?*". Of regular expressions it
// knows what they match, and which are the same, but not which is wider.
func (p Pattern) covers(q Pattern) bool {
	switch {
	case p.fold != q.fold:
		return false
	case q.regex != nil:
		return (p.regex != nil && p.source == q.source) || (p.regex == nil && p.source == "*")
	case p.regex != nil:
		return q.wildcards() == 0 && p.regex.MatchString(q.literal())
	}
	return glob(p.tokens, q.tokens)
}

// literal is the text of a pattern without wildcards.
func (p Pattern) literal() string {
	b := make([]byte, len(p.tokens))
	for i, t := range p.tokens {
		b[i] = byte(t)
	}
	return string(b)
}

// subject is what a pattern is laid over: a text, or another pattern.
type subject interface {
	size() int
	at(i int) token
}

type text string

func (t text) size() int      { return len(t) }
func (t text) at(i int) token { return token(t[i]) }

type foldedText string

func (t foldedText) size() int      { return len(t) }
func (t foldedText) at(i int) token { return token(lower(t[i])) }

func (t tokens) size() int      { return len(t) }
func (t tokens) at(i int) token { return t[i] }

// glob walks both sides once; at a mismatch it goes back to the last "*" and
// lets it swallow one more. Going back to an earlier "*" is never needed.
func glob[S subject](pattern tokens, s S) bool {
	p, i := 0, 0
	star, resume := -1, 0
	for i < s.size() {
		switch {
		case p < len(pattern) && pattern[p] == anyRun:
			star, resume = p, i
			p++
		case p < len(pattern) && fits(pattern[p], s.at(i)):
			p++
			i++
		case star >= 0:
			resume++
			p, i = star+1, resume
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == anyRun {
		p++
	}
	return p == len(pattern)
}

func fits(p, s token) bool {
	return p == s || (p == anyOne && s != anyRun)
}

// lower leaves bytes beyond ASCII alone: case is known for ASCII only.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}
