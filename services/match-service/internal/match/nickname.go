package match

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Nickname brings a nickname into its one form, NFC and trimmed, or says what is wrong
// with it as a fault about the field nickname.
func Nickname(raw string) (string, error) {
	if !utf8.ValidString(raw) {
		return "", badNickname("is not valid UTF-8")
	}
	name := strings.TrimSpace(norm.NFC.String(raw))
	length, seen := 0, false
	for _, r := range name {
		if unicode.IsControl(r) || steersText(r) {
			return "", badNickname("must not contain control characters")
		}
		length++
		seen = seen || visible(r)
	}
	switch {
	case length == 0 || length > maxNickname:
		return "", badNickname(fmt.Sprintf("must have 1 to %d characters", maxNickname))
	case !seen:
		return "", badNickname("must have a character that can be seen")
	}
	return name, nil
}

func badNickname(reason string) error { return fault.BadField("nickname", reason) }

// steersText reports characters that break lines or turn the direction of all text
// behind them (Unicode Bidirectional Algorithm, UAX #9 section 2): a name with one would
// garble the names around it.
func steersText(r rune) bool {
	switch {
	case r == '\u2028', r == '\u2029': // line and paragraph separator
		return true
	case '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
		return true
	}
	return false
}

// visible reports whether r alone shows something. Joiners and combining marks are fine
// inside a name, but a name of nothing else is none.
func visible(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u3164', '\uffa0', '\u2800': // letters and a symbol whose glyph is empty
		return false
	}
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.IsMark(r)
}
