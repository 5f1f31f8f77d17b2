package rules

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
)

// unicodeClass finds \p and \P, which Go knows and ALB refuses. An even number of
// backslashes before the p is a backslash, not a class.
var unicodeClass = regexp.MustCompile(`(^|[^\\])(\\\\)*\\[pP]`)

// compileRegex reads a regular expression of a condition or transform. Go's syntax
// is ALB's: neither has look-around, back-references, atomic groups, possessive
// quantifiers or recursion (user guide, rule-condition-types); only \p is Go's own.
// problem says what is wrong, for the person who edits the file.
func compileRegex(text string, limit int, fold bool) (re *regexp.Regexp, problem string) {
	switch {
	case text == "" || len(text) > limit:
		return nil, "is not 1 to " + strconv.Itoa(limit) + " characters long"
	case unicodeClass.MatchString(text):
		return nil, "holds \\p, which ALB does not support"
	}
	flags := ""
	if fold {
		flags = "(?i)"
	}
	re, err := regexp.Compile(flags + text)
	if err != nil {
		return nil, "is no regular expression that ALB supports: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
	}
	return re, ""
}

// regexPattern reads a value of regex_values. Whether ALB wants the whole field to
// match is not documented, so our files must say it.
func regexPattern(text string, fold bool) (p Pattern, problem string) {
	re, problem := compileRegex(text, maxPatternLength, fold)
	if problem == "" && !anchored(text) {
		problem = "must begin with ^ and end with $: whether ALB looks for it anywhere in the field is not documented"
	}
	return Pattern{source: text, fold: fold, regex: re}, problem
}

// anchored tells whether a regular expression as a whole begins with ^ and ends with
// $; "^a|b$" does not.
func anchored(text string) bool {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil || tree.Op != syntax.OpConcat {
		return false
	}
	first, last := tree.Sub[0], tree.Sub[len(tree.Sub)-1]
	return first.Op == syntax.OpBeginText && last.Op == syntax.OpEndText
}
