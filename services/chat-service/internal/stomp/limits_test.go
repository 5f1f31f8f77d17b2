package stomp

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sixseat/sixseat/pkg/fault"
)

// TestDecode_limits takes what is just allowed and refuses one more, with a word about
// which limit it was. Each input comes whole and in pieces.
func TestDecode_limits(t *testing.T) {
	headers := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "h%d:x\n", i)
		}
		return b.String()
	}
	repeat := strings.Repeat
	for _, c := range []struct {
		what, version, input string
		kind                 fault.Kind // Internal: it is fine
		says                 string
	}{
		{"64 KiB up to the NUL", "1.2", "SEND\n\n" + repeat("x", MaxFrame-7) + "\x00", fault.Internal, ""},
		{"64 KiB and one octet", "1.2", "SEND\n\n" + repeat("x", MaxFrame-6) + "\x00", fault.TooLarge, "65536"},
		{"64 KiB without an end in sight", "1.2", "SEND\n\n" + repeat("x", MaxFrame), fault.TooLarge, "65536"},
		{"64 KiB, announced", "1.2", "SEND\ncontent-length:65508\n\n" + repeat("\x00", 65508) + "\x00", fault.Internal, ""},
		{"64 KiB and one, announced", "1.2", "SEND\ncontent-length:65510\n\n", fault.TooLarge, "65536"},
		{"headers of 8 KiB that are too much together", "1.2", "SEND\n" + repeat("a:"+repeat("x", maxLine-2)+"\n", 9), fault.TooLarge, "65536"},
		{"the next frame has its own 64 KiB", "1.2", repeat("SEND\n\n"+repeat("x", 40<<10)+"\x00", 3), fault.Internal, ""},
		{"100 headers", "1.2", "SEND\n" + headers(maxHeaders) + "\n\x00", fault.Internal, ""},
		{"101 headers", "1.2", "SEND\n" + headers(maxHeaders+1) + "\n\x00", fault.TooLarge, "100 headers"},
		{"101 repeats of one header", "1.2", "SEND\n" + repeat("a:b\n", maxHeaders+1) + "\n\x00", fault.TooLarge, "100 headers"},
		{"a line of 8 KiB", "1.2", "SEND\na:" + repeat("x", maxLine-2) + "\n\n\x00", fault.Internal, ""},
		{"a line of 8 KiB and its CR", "1.2", "SEND\na:" + repeat("x", maxLine-2) + "\r\n\n\x00", fault.Internal, ""},
		{"a line of 8 KiB and one", "1.2", "SEND\na:" + repeat("x", maxLine-1) + "\n\n\x00", fault.TooLarge, "8192"},
		{"a line that never ends", "1.2", "SEND\n" + repeat("x", maxLine+1), fault.TooLarge, "8192"},
		{"a command of 32 octets", "1.2", repeat("X", maxCommand) + "\n\n\x00", fault.Internal, ""},
		{"a command of 33 octets", "1.2", repeat("X", maxCommand+1), fault.Protocol, "command"},
		{"any amount of padding", "1.2", repeat("\n", 3*MaxFrame) + "SEND\n\n\x00", fault.Internal, ""},
		{"a stranger's 4 KiB", "none", "CONNECT\npasscode:" + repeat("x", MaxBeforeConnected-20) + "\n\n\x00", fault.Internal, ""},
		{"a stranger's 4 KiB and one", "none", "CONNECT\npasscode:" + repeat("x", MaxBeforeConnected-19) + "\n\n\x00", fault.TooLarge, "4096"},
		{"a stranger's body", "none", "CONNECT\n\n" + repeat("x", MaxBeforeConnected), fault.TooLarge, "4096"},
		{"a stranger's padding counts", "none", repeat("\n", MaxBeforeConnected+1), fault.TooLarge, "4096"},
		{"a stranger's frames count together", "none", repeat("CONNECT\na:"+repeat("x", 1500)+"\n\n\x00", 3), fault.TooLarge, "4096"},
	} {
		t.Run(c.what, func(t *testing.T) {
			for _, size := range []int{len(c.input) + 1, 4096, 7} {
				frames, err := decode(connectedAs(c.version), split([]byte(c.input), size)...)
				if c.kind == fault.Internal && (err != nil || len(frames) == 0) {
					t.Fatalf("in pieces of %d: %d frames, %v; want it taken", size, len(frames), err)
				}
				if c.kind != fault.Internal && (!fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.says)) {
					t.Fatalf("in pieces of %d: %v; want it refused as %v and with %q", size, err, c.kind, c.says)
				}
			}
		})
	}
}

// A liar's content-length costs nothing until its octets come.
func TestDecode_takesNoMemoryForWhatIsAnnounced(t *testing.T) {
	d := connectedAs("1.2")
	if _, err := decode(d, []byte("SEND\ncontent-length:65000\n\nab")); err != nil {
		t.Fatal(err)
	}
	if got := cap(d.frame.Body); got > 64 {
		t.Errorf("%d octets are held for a body of which 2 came", got)
	}
}

// ERROR names the receipt of the frame that broke the session, also of one that nobody
// could read to its end.
func TestDecode_errorComesWithWhatWasRead(t *testing.T) {
	for what, c := range map[string]struct{ input, receipt string }{
		"a body that is too long":              {"SEND\nreceipt:r\ncontent-length:2\n\nlonger", "r"},
		"a frame beyond its limit":             {"SEND\nreceipt:r\n\n" + strings.Repeat("x", MaxFrame), "r"},
		"a bad content-length":                 {"SEND\nreceipt:r\ncontent-length:x\n\n", "r"},
		"a bad header behind it":               {"SEND\nreceipt:r\nno colon\n", "r"},
		"a bad header before it":               {"SEND\nno colon\nreceipt:r\n", ""},
		"a bad frame behind a good one":        {"SEND\nreceipt:good\n\n\x00ACK\nid:\\q\n\n\x00", ""},
		"a lone CR, which belongs to no frame": {"SEND\nreceipt:good\n\n\x00\rx", ""},
	} {
		for _, size := range []int{1, len(c.input)} {
			d, got := connectedAs("1.2"), (*Frame)(nil)
			var err error
			for _, p := range split([]byte(c.input), size) {
				d.Feed(p)
				for got, err = d.Next(); got != nil && err == nil; got, err = d.Next() {
				}
				if err != nil {
					break
				}
			}
			receipt := ""
			if got != nil {
				receipt = got.Value("receipt")
			}
			if err == nil || receipt != c.receipt {
				t.Errorf("%s, in pieces of %d: receipt %q, error %v; want receipt %q and an error", what, size, receipt, err, c.receipt)
			}
		}
	}
}

func TestFrame_trimmedIsWhatAClientOf10Means(t *testing.T) {
	f := Frame{Command: Connect, Headers: []Header{{" passcode ", " a b "}, {"passcode", "second"}, {" ", "x"}}, Body: []byte(" ")}
	want := &Frame{Command: Connect, Headers: []Header{{"passcode", "a b"}}, Body: []byte(" ")}
	if diff := cmp.Diff(f.Trimmed(), want); diff != "" || f.Headers[0].Value != " a b " {
		t.Errorf("the frame is %+v now, trimmed %s", f, diff)
	}
}

func TestDecode_newVersionCountsFromTheNextFrame(t *testing.T) {
	d := NewDecoder()
	d.Feed([]byte("CONNECT\na\\cb:\\q\n\n\x00SEND\na\\cb:c\n\n\x00"))
	first, err := d.Next()
	if err != nil || first.Headers[0] != (Header{`a\cb`, `\q`}) {
		t.Fatal(first, err)
	}
	d.Connected(V12)
	second, err := d.Next()
	if err != nil || second.Headers[0] != (Header{"a:b", "c"}) {
		t.Error("behind CONNECT, in the same message:", second, err)
	}
	if _, err := decode(d, []byte("SEND\n\n"+strings.Repeat("x", MaxBeforeConnected)+"\x00")); err != nil {
		t.Error("the limit for strangers still counts:", err)
	}
}

func TestFrame_valueOfAMissingHeaderIsEmpty(t *testing.T) {
	f := Frame{Headers: []Header{{"a", ""}}}
	if v, given := f.Get("a"); v != "" || !given {
		t.Errorf("an empty header was given: %q, %v", v, given)
	}
	if v, given := f.Get("b"); v != "" || given || f.Value("b") != "" {
		t.Errorf("a missing header was not: %q, %v", v, given)
	}
}
