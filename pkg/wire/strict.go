package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Decode reads one JSON object into dst, a pointer to a struct, and refuses what
// encoding/json would let pass: unknown or differently cased names, trailing data,
// invalid UTF-8 and U+0000 in any string (PostgreSQL cannot store it). All bad
// fields are reported together, as fault.Invalid.
func Decode(data []byte, dst any) error {
	if !utf8.Valid(data) {
		return fault.BadField("body", "is not valid UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	var raw map[string]json.RawMessage
	if err := dec.Decode(&raw); err != nil || raw == nil {
		return fault.BadField("body", "must be one JSON object")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fault.BadField("body", "has data after the JSON object")
	}
	if bad := decodeFields(raw, reflect.ValueOf(dst).Elem()); len(bad) > 0 {
		return fault.BadFields(bad)
	}
	return nil
}

// decodeFields fills the struct v from raw and returns what did not fit, by name.
func decodeFields(raw map[string]json.RawMessage, v reflect.Value) []fault.Field {
	var bad []fault.Field
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		value, given := raw[name]
		if !given {
			continue
		}
		delete(raw, name)
		if reason := decodeValue(value, v.Field(i)); reason != "" {
			bad = append(bad, fault.Field{Field: name, Reason: reason})
		}
	}
	for name := range raw {
		bad = append(bad, fault.Field{Field: printable(name), Reason: "is not a known field"})
	}
	sort.Slice(bad, func(i, j int) bool { return bad[i].Field < bad[j].Field })
	return bad
}

func decodeValue(value json.RawMessage, field reflect.Value) string {
	if bytes.Equal(value, []byte("null")) && field.Kind() != reflect.Pointer && field.Kind() != reflect.Interface {
		return "must not be null"
	}
	if err := json.Unmarshal(value, field.Addr().Interface()); err != nil {
		var typ *json.UnmarshalTypeError
		if errors.As(err, &typ) {
			return "must be " + typeName(field.Type()) + ", not " + typ.Value
		}
		return err.Error()
	}
	if bytes.Contains(value, []byte(`\u0000`)) && hasNUL(field) {
		return "must not contain U+0000"
	}
	return ""
}

// hasNUL reports whether any string below v holds U+0000.
func hasNUL(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return strings.ContainsRune(v.String(), 0)
	case reflect.Slice:
		for i := range v.Len() {
			if hasNUL(v.Index(i)) {
				return true
			}
		}
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && hasNUL(v.Elem())
	}
	return false
}

// typeName is how a person would call a JSON value of Go type t.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		return "a list, each item " + typeName(t.Elem())
	case reflect.Pointer:
		return typeName(t.Elem())
	}
	return "an object"
}

// printable keeps an unknown name from the client short and harmless in an answer.
func printable(name string) string {
	const maxRunes = 40
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, name)
	if r := []rune(name); len(r) > maxRunes {
		return string(r[:maxRunes]) + "…"
	}
	return name
}

// DecodeBody reads an HTTP body of at most maxBytes into dst by the rules of Decode.
// An over-long body is fault.TooLarge.
func DecodeBody(w http.ResponseWriter, r *http.Request, maxBytes int64, dst any) error {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBytes))
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		e := fault.New(fault.TooLarge, "The body may have at most %d bytes.", maxBytes)
		e.Fields = []fault.Field{{Field: "body", Reason: "is too long"}}
		return e
	}
	if err != nil {
		return fault.BadField("body", "could not be read").Wrap(err)
	}
	return Decode(data, dst)
}
