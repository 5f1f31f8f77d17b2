package stomp

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
)

func TestNegotiate_picksTheHighestThatBothSpeak(t *testing.T) {
	for _, c := range []struct {
		accept string
		given  bool
		want   Version
		ok     bool
	}{
		{"", false, V10, true}, // a client of 1.0 sends no header
		{"1.2", true, V12, true},
		{"1.2,1.1,1.0", true, V12, true},
		{"1.0,1.1,1.2", true, V12, true},
		{"1.1, 1.0", true, V11, true},
		{"1.0", true, V10, true},
		{"2.0,1.1", true, V11, true},
		{"1.1,1.1", true, V11, true},
		{"", true, V10, false},
		{"2.0", true, V10, false},
		{"1.3,1", true, V10, false},
		{"1.2.0", true, V10, false},
		{"1;2", true, V10, false},
	} {
		if got, ok := Negotiate(c.accept, c.given); got != c.want || ok != c.ok {
			t.Errorf("accept-version %q (given: %v): got %v, %v; want %v, %v", c.accept, c.given, got, ok, c.want, c.ok)
		}
	}
}

func TestHeartBeats_areTwoDecimals(t *testing.T) {
	for _, c := range []struct {
		value    string
		given    bool
		can, ask time.Duration
		ok       bool
	}{
		{"", false, 0, 0, true},
		{"0,0", true, 0, 0, true},
		{"10000,20000", true, 10 * time.Second, 20 * time.Second, true},
		{"1,2147483647", true, time.Millisecond, 2147483647 * time.Millisecond, true},
		{"", true, 0, 0, false},
		{"abc", true, 0, 0, false},
		{"1000", true, 0, 0, false},
		{"-1,5", true, 0, 0, false},
		{"5,-1", true, 0, 0, false},
		{"1,2,3", true, 0, 0, false},
		{"1, 2", true, 0, 0, false},
		{"1.5,2", true, 0, 0, false},
		{"+1,2", true, 0, 0, false},
		{",", true, 0, 0, false},
		{"1,99999999999999999999", true, 0, 0, false},
	} {
		can, ask, err := HeartBeats(c.value, c.given)
		if c.ok && (err != nil || can != c.can || ask != c.ask) {
			t.Errorf("heart-beat %q: got %v, %v, %v; want %v, %v", c.value, can, ask, err, c.can, c.ask)
		}
		if !c.ok && !fault.Is(err, fault.Protocol) {
			t.Errorf("heart-beat %q: got %v, want it refused as malformed", c.value, err)
		}
	}
}

// FuzzHeartBeats: what is taken is two decimals, and comes back as it was said.
func FuzzHeartBeats(f *testing.F) {
	for name, value := range map[string]string{
		"what stompjs sends": "10000,10000", "none": "0,0", "the most": "2147483647,2147483647", "one number": "1000", "three": "1,2,3",
		"a sign": "-1,+5", "blanks": " 1, 2", "leading zeros": "007,00", "beyond all": "1,99999999999999999999", "nothing": "", "noise": "\x00\xff,",
	} {
		f.Log("seed:", name)
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		can, wants, err := HeartBeats(value, true)
		if err != nil {
			if !fault.Is(err, fault.Protocol) {
				t.Errorf("%q: %v", value, err)
			}
			return
		}
		first, second, _ := strings.Cut(value, ",")
		for digits, got := range map[string]time.Duration{first: can, second: wants} {
			plain := strings.TrimLeft(digits, "0")
			if plain == "" {
				plain = "0"
			}
			if digits == "" || fmt.Sprint(got.Milliseconds()) != plain {
				t.Errorf("%q was read as %v and %v", value, can, wants)
			}
		}
	})
}

func TestAgree_noneUnlessBothWant(t *testing.T) {
	for _, c := range []struct{ can, wants, want time.Duration }{
		{0, 0, 0}, {0, 5, 0}, {5, 0, 0}, {5, 7, 7}, {7, 5, 7},
	} {
		if got := Agree(c.can, c.wants); got != c.want {
			t.Errorf("one can send every %d and the other wants every %d: got %d, want %d", c.can, c.wants, got, c.want)
		}
	}
}

func FuzzNegotiate(f *testing.F) {
	for name, accept := range map[string]string{
		"what stompjs sends": "1.2,1.1,1.0", "blanks": " 1.1 , 1.2 ", "unknown ones": "2.0,9", "empty entries": ",,1.0,", "nothing": "",
		"noise": "\x00\xff1.2",
	} {
		f.Log("seed:", name)
		f.Add(accept)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		got, ok := Negotiate(accept, true)
		offered := map[string]bool{}
		for _, entry := range strings.Split(accept, ",") {
			offered[strings.TrimSpace(entry)] = true
		}
		if ok && !offered[got.String()] {
			t.Errorf("%q got %v, which was not offered", accept, got)
		}
		for _, v := range []Version{V10, V11, V12} {
			if offered[v.String()] && (!ok || v > got) {
				t.Errorf("%q offers %v, got %v, %v", accept, v, got, ok)
			}
		}
	})
}
