package stomp

import "strings"

// unescape decodes a header's name or value by the version's rules (Value Encoding):
// 1.0 has no escapes but its examples pad values with blanks, 1.1 and 1.2 have escapes
// and never trim. CONNECT is never escaped, nor is CONNECTED.
func (d *Decoder) unescape(s string) (string, error) {
	switch {
	case d.frame.Command == Connect || d.frame.Command == Stomp:
		return s, nil
	case d.version == V10:
		return strings.TrimSpace(s), nil
	case !strings.Contains(s, `\`):
		return s, nil
	}
	// One pass from left to right: successive replaces would read `\\n` as a newline.
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i == len(s) {
			return "", malformed("A header ends in a lone backslash.")
		}
		c, ok := unescaped(s[i], d.version)
		if !ok {
			return "", malformed("A header has a backslash that begins no escape of STOMP %s.", d.version)
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}

func unescaped(c byte, v Version) (byte, bool) {
	switch {
	case c == 'n':
		return '\n', true
	case c == 'c':
		return ':', true
	case c == '\\':
		return '\\', true
	case c == 'r' && v == V12:
		return '\r', true
	}
	return 0, false
}

var (
	escape11 = strings.NewReplacer(`\`, `\\`, "\n", `\n`, ":", `\c`, "\r", " ", "\x00", " ")
	escape12 = strings.NewReplacer(`\`, `\\`, "\n", `\n`, ":", `\c`, "\r", `\r`, "\x00", " ")
	// 1.0 can carry no line end at all; a blank is what is left of one.
	escape10 = strings.NewReplacer("\n", " ", "\r", " ", "\x00", " ")
)

func escape(s string, v Version) string {
	switch v {
	case V11:
		return escape11.Replace(s)
	case V12:
		return escape12.Replace(s)
	}
	return escape10.Replace(s)
}
