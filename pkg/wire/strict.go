package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sixseat/sixseat/pkg/fault"
)

// bodyTimeout is how long a body may take: a phone on a bad line needs seconds for a few
// KiB.
const bodyTimeout = 10 * time.Second

// Decode reads one JSON object into dst, a pointer to a struct, and refuses what
// encoding/json would let pass: unknown, differently cased or repeated names, trailing
// data, invalid UTF-8, halves of surrogate pairs (which would come back as U+FFFD) and
// U+0000 in any string (PostgreSQL cannot store it). All bad fields are reported
// together, as fault.Invalid.
func Decode(data []byte, dst any) error {
	if !utf8.Valid(data) {
		return fault.BadField("body", "is not valid UTF-8")
	}
	if !json.Valid(data) {
		return notValid(data)
	}
	fields, twice, err := readObject(data)
	if err != nil {
		return err
	}
	if bad := append(twice, decodeFields(fields, reflect.ValueOf(dst).Elem())...); len(bad) > 0 {
		return fault.BadFields(bad)
	}
	return nil
}

// notValid says what is wrong with text that is not one JSON value.
func notValid(data []byte) error {
	var first json.RawMessage
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&first); err == nil && first[0] == '{' {
		return fault.BadField("body", "has data after the JSON object")
	}
	return fault.BadField("body", "must be one JSON object")
}

// decodeFields fills the struct v and returns what did not fit, by name.
func decodeFields(fields []rawField, v reflect.Value) []fault.Field {
	var bad []fault.Field
	known := namesOf(v.Type())
	for _, f := range fields {
		i, is := known[f.name]
		if !is {
			bad = append(bad, fault.Field{Field: printable(f.name), Reason: fault.NotKnown})
		} else if reason := decodeValue(f.value, v.Field(i)); reason != "" {
			bad = append(bad, fault.Field{Field: f.name, Reason: reason})
		}
	}
	sort.Slice(bad, func(i, j int) bool { return bad[i].Field < bad[j].Field })
	return bad
}

// structs are the names that each type of struct has been seen to have: map[string]int by
// reflect.Type, as many as the program decodes into.
var structs sync.Map

// namesOf is which of a struct's fields has which name in JSON.
func namesOf(t reflect.Type) map[string]int {
	if names, seen := structs.Load(t); seen {
		return names.(map[string]int)
	}
	names := map[string]int{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names[name] = i
	}
	structs.Store(t, names)
	return names
}

func decodeValue(value json.RawMessage, field reflect.Value) string {
	if bytes.Equal(value, []byte("null")) && field.Kind() != reflect.Pointer && field.Kind() != reflect.Interface {
		return "must not be null"
	}
	if field.Kind() == reflect.String && value[0] == '"' && !bytes.ContainsRune(value, '\\') {
		field.SetString(string(value[1 : len(value)-1])) // most of what people write, without reading it once more
		return ""
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
	if halfPair(value) {
		return "must not contain half of a surrogate pair"
	}
	return ""
}

// halfPair reports whether JSON text has an escape of a surrogate that is not one of a
// pair (RFC 8259 section 8.2): what a client sends that cut an emoji in two.
func halfPair(text []byte) bool {
	for i := bytes.IndexByte(text, '\\'); i >= 0 && i+1 < len(text); {
		r, next := escaped(text[i:]), escaped(text[min(i+6, len(text)):])
		switch {
		case utf16.DecodeRune(r, next) != unicode.ReplacementChar:
			i += 12
		case utf16.IsSurrogate(r):
			return true
		default:
			i += 2
		}
		step := bytes.IndexByte(text[min(i, len(text)):], '\\')
		if step < 0 {
			return false
		}
		i += step
	}
	return false
}

// escaped is what an escape like \u0041 at the beginning of text stands for, or 0.
func escaped(text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return rune(n)
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
// An over-long body is fault.TooLarge; one that does not come within bodyTimeout is
// refused, so that a slow sender does not hold a handler.
func DecodeBody(w http.ResponseWriter, r *http.Request, maxBytes int64, dst any) error {
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Now().Add(bodyTimeout)); err == nil {
		defer func() { _ = control.SetReadDeadline(time.Time{}) }() // a connection that is gone needs none
	} else if !errors.Is(err, http.ErrNotSupported) { // a recorder's
		return fmt.Errorf("read body: %w", err)
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBytes))
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		e := fault.New(fault.TooLarge, "The body may have at most %d bytes.", maxBytes)
		e.Fields = []fault.Field{{Field: "body", Reason: "is too long"}}
		return e
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fault.BadField("body", "did not come in time").Wrap(err)
	}
	if err != nil {
		return fault.BadField("body", "could not be read").Wrap(err)
	}
	return Decode(data, dst)
}
