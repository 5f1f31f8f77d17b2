package stomp

import (
	"testing"
)

func TestAppend_escapesAsTheVersionSays(t *testing.T) {
	odd := []Header{{"a:b", "c\\d\ne\rf:g\x00h"}}
	for _, c := range []struct {
		what    string
		version Version
		frame   Frame
		want    string
	}{
		{"1.2 has four escapes", V12, Frame{Command: Message, Headers: odd}, "MESSAGE\na\\cb:c\\\\d\\ne\\rf\\cg h\n\n\x00"},
		{"1.1 has none for CR", V11, Frame{Command: Message, Headers: odd}, "MESSAGE\na\\cb:c\\\\d\\ne f\\cg h\n\n\x00"},
		{"1.0 has none, so nothing may break its lines", V10, Frame{Command: Message, Headers: odd}, "MESSAGE\na:b:c\\d e f:g h\n\n\x00"},
		{"CONNECTED is never escaped", V12, Frame{Command: Connected, Headers: []Header{{"session", "a:b"}}}, "CONNECTED\nsession:a:b\n\n\x00"},
		{"a body has its octets counted", V12, Frame{Command: Message, Body: []byte("\U0001F600\x00")}, "MESSAGE\ncontent-length:5\n\n\U0001F600\x00\x00"},
		{"no body, no content-length", V12, Frame{Command: Receipt, Headers: []Header{{"receipt-id", "1"}}}, "RECEIPT\nreceipt-id:1\n\n\x00"},
	} {
		if got := string(Append(nil, c.version, &c.frame)); got != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", c.what, got, c.want)
		}
	}
	if string(HeartBeat) != "\n" {
		t.Errorf("webstomp-client knows a heart-beat only as one LF, not as %q", HeartBeat)
	}
}
