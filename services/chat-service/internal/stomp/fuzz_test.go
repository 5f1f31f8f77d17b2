package stomp

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sixseat/sixseat/pkg/fault"
)

// seeds are inputs that each stand for something; their names say what.
var seeds = map[string]string{
	"what stompjs sends":               "CONNECT\nAuthorization:Bearer abc\naccept-version:1.2,1.1,1.0\nheart-beat:10000,10000\n\n\x00",
	"two frames with padding":          "SEND\ndestination:/a\n\nhello\x00\n\r\nACK\nid:1\n\n\x00\n",
	"a body with NULs":                 "SEND\ncontent-length:5\n\na\x00b\x00c\x00",
	"a body cut inside an emoji":       "SEND\ncontent-length:4\n\n\xef\xbf\xbd\xef\xbf\xbd\x00",
	"all escapes":                      "SEND\na:\\n\\c\\r\\\\\n\n\x00",
	"an undefined escape":              "SEND\na:\\t\n\n\x00",
	"a backslash at the end of a line": "SEND\na:b\\\n\n\x00",
	"CR LF":                            "SEND\r\na:b\r\n\r\n\x00\r\n",
	"a lone CR":                        "SEND\na:b\rc\n\n\x00",
	"a content-length that lies":       "SEND\ncontent-length:9\n\nabc\x00",
	"a content-length beyond limits":   "SEND\ncontent-length:99999999999\n\nabc\x00",
	"repeated headers":                 "SEND\na:1\na:2\ncontent-length:1\ncontent-length:7\n\nx\x00",
	"not UTF-8":                        "SEND\na:\xff\n\n\x00",
	"blanks around everything":         "SEND\n a : b \n : \n\n\x00",
	"a header in Korean":               "SEND\nreceipt:\xed\x95\x9c\\c\xea\xb8\x80\n\n\xed\x95\x9c\x00",
	"a character cut by an escape":     "SEND\na:\xed\x95\\c\x9c\n\n\x00",
	"heart-beats around a frame":       "\n\nACK\nid:1\n\n\x00\n\n\n",
	"a content-length beyond integers": "SEND\nreceipt:1\ncontent-length:99999999999999999999\n\n",
	"only padding":                     "\n\r\n\x00\n\n",
	"an HTTP request":                  "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
}

// FuzzDecode: wherever the input is cut, the same frames come of it, none is beyond the
// limits, and each survives being written and read again.
func FuzzDecode(f *testing.F) {
	for name, input := range seeds {
		f.Log("seed:", name)
		for v := range byte(4) {
			f.Add([]byte(input), v, uint16(3))
		}
	}
	f.Fuzz(func(t *testing.T, input []byte, version byte, cut uint16) {
		v := []string{"1.0", "1.1", "1.2", "none"}[version%4]
		whole, wholeErr := decode(connectedAs(v), input)
		for _, pieces := range [][][]byte{split(input, 1), split(input, int(cut)+1), cutAt(input, int(cut))} {
			frames, err := decode(connectedAs(v), pieces...)
			if diff := cmp.Diff(frames, whole); diff != "" || text(err) != text(wholeErr) {
				t.Fatalf("in %d pieces it decodes differently: %v, whole %v\n%s", len(pieces), err, wholeErr, diff)
			}
		}
		if wholeErr != nil && !fault.Is(wholeErr, fault.Protocol) && !fault.Is(wholeErr, fault.TooLarge) {
			t.Fatalf("an error that no client understands: %v", wholeErr)
		}
		for _, frame := range whole {
			checkFrame(t, connectedAs(v).version, frame)
		}
	})
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func cutAt(p []byte, n int) [][]byte {
	n = min(n, len(p))
	return [][]byte{p[:n], p[n:]}
}

func checkFrame(t *testing.T, v Version, f *Frame) {
	t.Helper()
	seen := map[string]bool{}
	for _, h := range f.Headers {
		if h.Name == "" || seen[h.Name] || !utf8.ValidString(h.Name+h.Value) {
			t.Fatalf("header %q is empty, repeated or no text in %q", h, f.Headers)
		}
		seen[h.Name] = true
	}
	if f.Size() > MaxFrame || len(f.Headers) > maxHeaders {
		t.Fatalf("a frame of %d octets and %d headers came through", f.Size(), len(f.Headers))
	}
	if len(f.Command) == 0 || f.Command == Connect || f.Command == Stomp || f.Command == Connected {
		return // never escaped, and never written by us but for CONNECTED
	}
	again, err := decode(connectedAs(v.String()), Append(nil, v, f))
	if fault.Is(err, fault.TooLarge) {
		return // its own content-length, or an escape, made it too long
	}
	if err != nil || len(again) != 1 {
		t.Fatalf("%+v is written as %q, which reads as %v, %v", f, Append(nil, v, f), again, err)
	}
	if diff := cmp.Diff(withoutLength(again[0]), withoutLength(f), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("written and read again it is something else: %s", diff)
	}
}

// withoutLength is f but for content-length, which Append adds.
func withoutLength(f *Frame) *Frame {
	c := &Frame{Command: f.Command, Body: f.Body}
	for _, h := range f.Headers {
		if h.Name != "content-length" {
			c.Headers = append(c.Headers, h)
		}
	}
	return c
}

// TestAppend_isReadBack: what we write to a client, it reads as we meant it, whatever
// members put in their names and messages.
func TestAppend_isReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom([]Version{V10, V11, V12}).Draw(t, "version")
		frame := &Frame{Command: rapid.SampledFrom([]string{Message, Receipt, Error}).Draw(t, "command")}
		for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z][a-z:\\-]{0,9}`), 0, 5, rapid.ID).Draw(t, "names") {
			frame.Headers = append(frame.Headers, Header{name, rapid.String().Draw(t, "value")})
		}
		frame.Body = rapid.SliceOf(rapid.Byte()).Draw(t, "body")

		again, err := decode(connectedAs(v.String()), Append(nil, v, frame))

		if err != nil || len(again) != 1 {
			t.Fatalf("%q reads as %v, %v", Append(nil, v, frame), again, err)
		}
		if diff := cmp.Diff(withoutLength(again[0]), meant(v, frame), cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// meant is what is left of a frame that a version cannot carry whole.
func meant(v Version, f *Frame) *Frame {
	if v == V12 {
		f = &Frame{f.Command, clean(f.Headers, strings.NewReplacer("\x00", " ")), f.Body}
	}
	if v == V11 {
		f = &Frame{f.Command, clean(f.Headers, strings.NewReplacer("\x00", " ", "\r", " ")), f.Body}
	}
	if v == V10 {
		// Without escapes a colon in a name moves into the value, and blanks are trimmed.
		plain := &Frame{Command: f.Command, Body: f.Body}
		for _, h := range clean(f.Headers, strings.NewReplacer("\x00", " ", "\r", " ", "\n", " ")) {
			name, value, _ := strings.Cut(h.Name+":"+h.Value, ":")
			if _, given := plain.Get(strings.TrimSpace(name)); !given {
				plain.Headers = append(plain.Headers, Header{strings.TrimSpace(name), strings.TrimSpace(value)})
			}
		}
		return plain
	}
	return f
}

func clean(headers []Header, r *strings.Replacer) []Header {
	var out []Header
	for _, h := range headers {
		out = append(out, Header{r.Replace(h.Name), r.Replace(h.Value)})
	}
	return out
}

// The bytes of a MESSAGE are shared by many listeners and must not depend on them.
func TestAppend_leavesTheFrameAsItWas(t *testing.T) {
	f := &Frame{Command: Message, Headers: []Header{{"a", "b:c"}}, Body: []byte("x")}
	first, second := Append(nil, V12, f), Append(nil, V12, f)
	if !bytes.Equal(first, second) || f.Headers[0].Value != "b:c" || len(f.Headers) != 1 {
		t.Errorf("%q, then %q; the frame is %+v", first, second, f)
	}
}
