package wire

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// FuzzReadObject holds the reading of objects against encoding/json's, token by token.
func FuzzReadObject(f *testing.F) {
	for _, in := range []string{
		`{}`, ` { "a" : [1, {"b":"}"}] , "c\u0064\"":-1.5e3,"e":"\\","f":null,"a":true} `,
		`{"":"","\ud83d\ude00":"\u0000","x":[[],[{}]],"y":{"z":",:]}\\\""}}`, `[{}]`, `"x"`, `0`,
	} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if !utf8.Valid(in) || !json.Valid(in) { // Decode lets nothing else through
			return
		}
		fields, twice, err := readObject(in)
		want, repeated, isObject := slowly(t, in)
		if (err == nil) != isObject {
			t.Fatalf("%q: %v, but it is an object: %v", in, err, isObject)
		}
		if len(fields) != len(want) || (len(twice) > 0) != repeated {
			t.Fatalf("%q: %q, twice %v; want %q, twice: %v", in, fields, twice, want, repeated)
		}
		for _, got := range fields {
			if !bytes.Equal(got.value, want[got.name]) {
				t.Errorf("%q: %s is %s, want %s", in, got.name, got.value, want[got.name])
			}
		}
	})
}

func slowly(t *testing.T, in []byte) (fields map[string]json.RawMessage, repeated, isObject bool) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(in))
	token, err := dec.Token()
	if err != nil {
		t.Fatal(err)
	}
	if token != json.Delim('{') {
		return nil, false, false
	}
	fields = map[string]json.RawMessage{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			t.Fatal(err)
		}
		if _, given := fields[name.(string)]; given {
			repeated = true
		}
		fields[name.(string)] = value
	}
	return fields, repeated, true
}

func BenchmarkDecode(b *testing.B) {
	in := []byte(`{"type":"TEXT","comment":"` + string(bytes.Repeat([]byte("a fine film "), 20)) + `"}`)
	var dst struct {
		Type    string `json:"type"`
		Comment string `json:"comment"`
		Other   any    `json:"other"`
		Another any    `json:"another"`
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := Decode(in, &dst); err != nil {
			b.Fatal(err)
		}
	}
}
