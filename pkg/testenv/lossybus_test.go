package testenv

import (
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
)

func resp(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }

// A server says all kinds of values; those that are deliveries, and only those, get lost.
func TestLossyBus_losesDeliveriesAndNothingElse(t *testing.T) {
	for _, c := range []struct {
		what, value string
		delivery    bool
	}{
		{"RESP3 plain", resp(">3", "$7", "message", "$2", "ch", "$5", "hello"), true},
		{"RESP3 sharded", resp(">3", "$8", "smessage", "$2", "ch", "$4", "a\r\nb"), true},
		{"RESP2 before it subscribed is a reply", resp("*3", "$7", "message", "$2", "ch", "$5", "hello"), false},
		{"subscribed", resp("*3", "$10", "ssubscribe", "$2", "ch", ":1"), false},
		{"RESP2 plain", resp("*3", "$7", "message", "$2", "ch", "$5", "hello"), true},
		{"RESP2 sharded", resp("*3", "$8", "smessage", "$2", "ch", "$5", "hello"), true},
		{"a message of four parts", resp("*4", "$7", "message", "$2", "ch", "$5", "hello", ":1"), false},
		{"RESP2 pattern", resp("*4", "$8", "pmessage", "$1", "*", "$2", "ch", "$5", "hello"), false},
		{"unsubscribed", resp(">3", "$12", "sunsubscribe", "$2", "ch", ":0"), false},
		{"a status", resp("+OK"), false},
		{"an error", resp("-ERR no"), false},
		{"a number", resp(":7"), false},
		{"nothing", resp("_"), false},
		{"no string", resp("$-1"), false},
		{"no array", resp("*-1"), false},
		{"an empty string", resp("$0", ""), false},
		{"a string that looks like a delivery", resp("$26", ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n:1"), false},
		{"a map", resp("%2", "$1", "a", "*2", ":1", ":2", "$1", "b", "$-1"), false},
		{"an attribute and its value", resp("|1", "+ttl", ":3600", "*1", ":1"), false},
		{"a verbatim string", resp("=5", "txt:a"), false},
	} {
		t.Run(c.what, func(t *testing.T) {
			subscribe := ""
			if strings.HasPrefix(c.what, "RESP2") && c.delivery {
				subscribe = resp("*3", "$9", "subscribe", "$2", "ch", ":1")
			}
			marker := resp("+the end")
			var asked atomic.Int64

			got := through(t, subscribe+c.value+marker, func() bool { asked.Add(1); return true })

			want := subscribe + c.value + marker
			if c.delivery {
				want = subscribe + marker
			}
			if got != want || (asked.Load() == 1) != c.delivery {
				t.Errorf("got %q, want %q; asked %d times whether to lose it", got, want, asked.Load())
			}
		})
	}
}

func TestLossyBus_countsWhatItLoses(t *testing.T) {
	delivery := resp(">3", "$7", "message", "$2", "ch", "$5", "hello")
	l := listen(t, strings.Repeat(delivery, 60))
	turn := 0
	b := StartLossyBus(t, "redis://"+l+"/0", func() bool { turn++; return turn%20 == 0 })

	got := readAll(t, b.URL)

	delivered, lost := b.Deliveries()
	if got != strings.Repeat(delivery, 57) || delivered != 57 || lost != 3 {
		t.Errorf("%d octets came through; %d delivered and %d lost, want 57 and 3", len(got), delivered, lost)
	}
}

// through is what comes out of a LossyBus before a server that says all and hangs up.
func through(t *testing.T, all string, lose func() bool) string {
	t.Helper()
	return readAll(t, StartLossyBus(t, "redis://"+listen(t, all)+"/0", lose).URL)
}

func listen(t *testing.T, say string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // ends the accepting
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := io.WriteString(c, say); err != nil {
				t.Error(err)
			}
			_ = c.Close() // all was said
		}
	}()
	return l.Addr().String()
}

func readAll(t *testing.T, url string) string {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(url, "redis://"), "/0"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	all, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}
