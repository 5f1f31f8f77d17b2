package line

import (
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// taken is how much a server can write to a line that nobody reads.
func taken(t *testing.T, dial func(Target) (net.Conn, error)) (octets int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	target, err := ParseTarget("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	near, err := dial(target)
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	if err := far.SetWriteDeadline(time.Now().Add(500 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for message := make([]byte, 2000); err == nil; {
		var n int
		n, err = far.Write(message)
		octets += n
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	return octets
}

func TestNarrow_holdsLess(t *testing.T) {
	wide := taken(t, func(to Target) (net.Conn, error) { return to.dial(t.Context(), 0) })
	narrow := taken(t, func(to Target) (net.Conn, error) { return to.Narrow().dial(t.Context(), 0) })
	if narrow > 256<<10 || narrow*2 > wide {
		t.Errorf("a narrow line holds %d octets, another %d", narrow, wide)
	}
}

// Whatever a target is named by is reached, and from loopback by way of an address of its own.
func TestDial_reachesNamesAndAddresses(t *testing.T) {
	for host, listen := range map[string]string{
		"127.0.0.1": "127.0.0.1:0", "[::ffff:127.0.0.1]": "127.0.0.1:0", "localhost": "127.0.0.1:0", "[::1]": "[::1]:0",
	} {
		t.Run(host, func(t *testing.T) {
			l, err := net.Listen("tcp", listen)
			if err != nil {
				t.Skip(err) // a machine without IPv6
			}
			defer l.Close()
			target, err := ParseTarget("http://" + host + ":" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
			if err != nil {
				t.Fatal(err)
			}
			conn, err := target.dial(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if own := conn.LocalAddr().(*net.TCPAddr).IP.String(); strings.Contains(host, "127.0.0.1") && own != source(0).String() {
				t.Errorf("from %s, want %s", own, source(0))
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if conn, err := target.dial(t.Context(), 0); err == nil || conn != nil {
				t.Errorf("%v, %v where nobody listens", conn, err)
			} else if strings.Contains(err.Error(), "->") != strings.Contains(host, "127.0.0.1") {
				t.Errorf("bound, or not, before it connected: %v", err)
			}
		})
	}
}
