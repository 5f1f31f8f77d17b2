package wire

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/sixseat/sixseat/pkg/fault"
)

// rawField is a field of a JSON object as it stands there.
type rawField struct {
	name  string
	value json.RawMessage
}

// between is what stands between names and values of a valid object.
const between = " \t\r\n,:"

// readObject takes valid JSON text apart: the fields of its object, each name once with its
// last value, and which of them stands there twice. What checked the text has read it once;
// a json.Decoder would read it three times more, for each message that anybody sends.
func readObject(text []byte) (fields []rawField, twice []fault.Field, err error) {
	text = bytes.TrimLeft(text, between)
	if text[0] != '{' {
		return nil, nil, fault.BadField("body", "must be one JSON object")
	}
	for text = bytes.TrimLeft(text[1:], between); text[0] != '}'; text = bytes.TrimLeft(text, between) {
		var f rawField
		if f.name, err = unquoted(cut(&text)); err != nil {
			return nil, nil, err
		}
		text = bytes.TrimLeft(text, between)
		f.value = cut(&text)
		if i := slices.IndexFunc(fields, func(g rawField) bool { return g.name == f.name }); i < 0 {
			fields = append(fields, f)
		} else if fields[i] = f; len(twice) == 0 {
			twice = []fault.Field{{Field: printable(f.name), Reason: "stands there twice"}}
		}
	}
	return fields, twice, nil
}

// cut takes the value off that valid text begins with.
func cut(text *[]byte) []byte {
	n := valueLen(*text)
	value := (*text)[:n:n]
	*text = (*text)[n:]
	return value
}

// valueLen is how long the value is that valid text begins with.
func valueLen(text []byte) int {
	switch text[0] {
	case '"':
		return stringLen(text)
	case '{', '[':
		return nestedLen(text)
	}
	if n := bytes.IndexAny(text, between+"]}"); n >= 0 {
		return n
	}
	return len(text)
}

// stringLen is how long the string is, quotes included.
func stringLen(text []byte) int {
	for i := 1; ; i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// nestedLen is how long the object or list is, brackets included.
func nestedLen(text []byte) int {
	for i, depth := 0, 0; ; i++ {
		switch text[i] {
		case '"':
			i += stringLen(text[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}

// unquoted is what a JSON string stands for.
func unquoted(text []byte) (s string, err error) {
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text[1 : len(text)-1]), nil
	}
	err = json.Unmarshal(text, &s)
	return s, err
}
