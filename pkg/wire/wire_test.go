package wire

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/sixseat/sixseat/pkg/fault"
)

type body struct {
	Name  string   `json:"name"`
	Count int      `json:"count"`
	Exact bool     `json:"exact"`
	List  []string `json:"list,omitempty"`
	Maybe *string  `json:"maybe"`
	Any   any      `json:"any"`
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		what, in string
		want     string // "field: reason; …", sorted by field; "": it is fine
	}{
		{"everything", `{"name":"a","count":2,"exact":true,"list":["x"],"maybe":"m","any":{"x":[1]}}`, ""},
		{"nothing is required here", `{}`, ""},
		{"white space around", " \n{\"name\":\"a\"}\t ", ""},
		{"null where there may be nothing", `{"maybe":null,"any":null}`, ""},
		{"an unknown field", `{"nam":"a"}`, "nam: is not a known field"},
		{"another case", `{"Name":"a"}`, "Name: is not a known field"},
		{"trailing data", `{"name":"a"} x`, "body: has data after the JSON object"},
		{"a second object", `{}{}`, "body: has data after the JSON object"},
		{"a list", `[]`, "body: must be one JSON object"},
		{"null", `null`, "body: must be one JSON object"},
		{"a string", `"x"`, "body: must be one JSON object"},
		{"nothing", ``, "body: must be one JSON object"},
		{"half an object", `{"name":`, "body: must be one JSON object"},
		{"null for a string", `{"name":null}`, "name: must not be null"},
		{"null for a list", `{"list":null}`, "list: must not be null"},
		{"a number for a string", `{"name":1}`, "name: must be a string, not number"},
		{"a string for a number", `{"count":"1"}`, "count: must be a whole number, not string"},
		{"a fraction", `{"count":1.5}`, "count: must be a whole number, not number 1.5"},
		{"a number beyond all", `{"count":99999999999999999999}`, "count: must be a whole number, not number 99999999999999999999"},
		{"a string for a bool", `{"exact":"true"}`, "exact: must be true or false, not string"},
		{"a string for a list", `{"list":"x"}`, "list: must be a list, each item a string, not string"},
		{"an object for a pointer to string", `{"maybe":{}}`, "maybe: must be a string, not object"},
		{"U+0000", `{"name":"a\u0000"}`, "name: must not contain U+0000"},
		{"U+0000 in a list", `{"list":["a","b\u0000"]}`, "list: must not contain U+0000"},
		{"U+0000 behind a pointer", `{"maybe":"\u0000"}`, "maybe: must not contain U+0000"},
		{"a backslash, then u0000", `{"name":"\\u0000"}`, ""},
		{"invalid UTF-8", "{\"name\":\"\xff\"}", "body: is not valid UTF-8"},
		{"several, all named", `{"z":1,"name":1,"count":null}`, "count: must not be null; name: must be a string, not number; z: is not a known field"},
		{"a name that would break a log line", `{"a\u0001\n":1}`, "a??: is not a known field"},
		{"a name that is too long", `{"` + strings.Repeat("x", 99) + `":1}`, strings.Repeat("x", 40) + "…: is not a known field"},
	} {
		var b body
		err := Decode([]byte(c.in), &b)
		var got []string
		if err != nil {
			for _, f := range fault.From(err).Fields {
				got = append(got, f.Field+": "+f.Reason)
			}
		}
		if strings.Join(got, "; ") != c.want || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s, %s:\ngot  %q %v\nwant %q", c.what, c.in, strings.Join(got, "; "), err, c.want)
		}
	}
}

func TestDecode_fillsTheStruct(t *testing.T) {
	var b body
	if err := Decode([]byte(`{"name":"가\ud83d\ude00","count":-3,"exact":true,"list":["x","y"],"maybe":"m"}`), &b); err != nil {
		t.Fatal(err)
	}
	if b.Name != "가😀" || b.Count != -3 || !b.Exact || fmt.Sprint(b.List) != "[x y]" || *b.Maybe != "m" {
		t.Errorf("%+v", b)
	}
}

func TestDecode_refusesWhatWouldNotComeBack(t *testing.T) {
	for value, want := range map[string]string{
		`"\ud83d"`: "name", `"a\uDE00b"`: "name", `"\ud83d\ud83d\ude00"`: "name", `"\ude00\ud83d"`: "name", `"\ud83dx"`: "name",
		`"\ud83d\ude00"`: "", `"\\ud83d"`: "", `"\\\ud83d\ude00\n\u0041"`: "", `"\\\ud83d"`: "name", `"x","name":"y"`: "name",
	} {
		var b body
		err := Decode([]byte(`{"name":`+value+`}`), &b)
		got := ""
		if err != nil {
			got = fault.From(err).Fields[0].Field
		}
		if got != want || strings.ContainsRune(b.Name, unicode.ReplacementChar) && want == "" {
			t.Errorf("%s: %v, %q; want it refused for %q", value, err, b.Name, want)
		}
	}
}

// endless is a request whose body never comes; it notes its deadline.
type endless struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (e *endless) SetReadDeadline(t time.Time) error {
	e.deadlines = append(e.deadlines, t)
	return nil
}

func (e *endless) Read([]byte) (int, error) {
	time.Sleep(time.Until(e.deadlines[0]))
	return 0, os.ErrDeadlineExceeded
}

func TestDecodeBody_waitsOnlySoLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &endless{ResponseRecorder: httptest.NewRecorder()}
		var b body
		begin := time.Now()

		err := DecodeBody(e, httptest.NewRequest("POST", "/", e), 100, &b)

		if took := time.Since(begin); took != bodyTimeout || !fault.Is(err, fault.Invalid) {
			t.Errorf("%v after %v, want it refused after %v", err, took, bodyTimeout)
		}
		if len(e.deadlines) != 2 || !e.deadlines[1].IsZero() {
			t.Errorf("deadlines %v; want it taken off for the next request", e.deadlines)
		}
	})
}

func TestDecodeBody_limit(t *testing.T) {
	in := `{"name":"abc"}`
	decode := func(max int64) error {
		var b body
		return DecodeBody(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader(in)), max, &b)
	}
	if err := decode(int64(len(in))); err != nil {
		t.Error("just fits:", err)
	}
	err := decode(int64(len(in)) - 1)
	if !fault.Is(err, fault.TooLarge) || fault.From(err).Fields[0].Field != "body" {
		t.Errorf("one octet too long: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for name, in := range map[string]string{
		"all fields": `{"name":"a","count":2,"exact":true,"list":["x"],"maybe":null,"any":[{}]}`, "a NUL": `{"name":"\u0000","any":"\u0000"}`,
		"trailing": `{}x`, "deep": strings.Repeat("[", 100), "not UTF-8": "{\"a\xff\":1}", "twice": `{"name":"a","name":1}`,
	} {
		f.Log("seed:", name)
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var b body
		err := Decode(in, &b)
		if err != nil && (!fault.Is(err, fault.Invalid) || len(fault.From(err).Fields) == 0) {
			t.Fatalf("%q: %v names no field", in, err)
		}
		if err == nil && (strings.ContainsRune(b.Name, 0) || !json.Valid(in)) {
			t.Fatalf("%q was taken", in)
		}
	})
}

func TestTime_isUTCWithMilliseconds(t *testing.T) {
	seoul := time.FixedZone("KST", 9*60*60)
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2024, 7, 25, 10, 10, 0, 0, time.UTC), `"2024-07-25T10:10:00.000Z"`},
		{time.Date(2024, 7, 25, 19, 10, 0, 1_999_999, seoul), `"2024-07-25T10:10:00.001Z"`},
	} {
		b, err := json.Marshal(At(c.at))
		if err != nil || string(b) != c.want {
			t.Errorf("%v: %s, %v; want %s", c.at, b, err, c.want)
		}
		var back Time
		if err := json.Unmarshal(b, &back); err != nil || !back.Equal(At(c.at).Time) {
			t.Errorf("%s comes back as %v, %v", b, back, err)
		}
	}
	for _, bad := range []string{`"2024-07-25T10:10:00"`, `"yesterday"`, `5`, `""`} {
		var back Time
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s was taken as %v", bad, back)
		}
	}
}
