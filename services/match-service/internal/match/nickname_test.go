package match

import (
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/fault"
)

func TestNickname_isNormalisedAndTrimmed(t *testing.T) {
	for raw, want := range map[string]string{
		"user1":                       "user1",
		"  Ada \t":                    "Ada",
		"Ame\u0301lie":                "Amélie",   // NFC
		"👩\u200d🚀":                    "👩\u200d🚀", // joiners are part of a picture
		strings.Repeat("é", 20):       strings.Repeat("é", 20),
		strings.Repeat("e\u0301", 20): strings.Repeat("é", 20), // counted after NFC
		"a b":                         "a b",
	} {
		got, err := Nickname(raw)
		if err != nil || got != want {
			t.Errorf("Nickname(%q) = %q, %v, want %q", raw, got, err, want)
		}
	}
}

func TestNickname_thatIsNoneIsRefusedByField(t *testing.T) {
	for what, raw := range map[string]string{
		"empty":                   "",
		"only spaces":             " \u00a0\u2003 ",
		"21 characters":           strings.Repeat("x", 21),
		"NUL":                     "a\x00b",
		"a line break":            "a\nb",
		"DEL":                     "a\x7f",
		"C1 control":              "a\u0085b",
		"a line separator":        "a\u2028b",
		"turned text":             "a\u202eb",
		"only zero-width":         "\u200b\u200d\ufeff",
		"only combining marks":    "\u0301\u0302",
		"only a Hangul filler":    "\u3164",
		"only variation selector": "\ufe0f",
		"only a blank pattern":    "\u2800",
		"invalid UTF-8":           "a\xff",
	} {
		if _, err := Nickname(raw); !fault.Is(err, fault.Invalid) || fault.From(err).Fields[0].Field != "nickname" {
			t.Errorf("%s: got %v, want a fault about nickname", what, err)
		}
	}
}
