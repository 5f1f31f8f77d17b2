package line

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/rawsock"
)

// listened is a line on which the server writes what it is told to; heard is the seqs of its
// messages, and over why there are no more.
type listened struct {
	Sixseat
	server chan string // closed: the server hangs up
	heard  chan int64
	over   chan error
}

func listen(t *testing.T, also func(l *listened, e Event)) *listened {
	t.Helper()
	l := &listened{server: make(chan string), heard: make(chan int64, 1000), over: make(chan error, 2)}
	target := serve(t, upgraded+framed(0x81, connected)+message(1), func(conn net.Conn, r *bufio.Reader) {
		go func() { _, _ = io.Copy(io.Discard, r) }() // what is not read makes an end a reset
		for octets := range l.server {
			_, _ = io.WriteString(conn, octets) // the client may have gone
		}
	})
	var err error
	if l.Sixseat, err = target.Sixseat(t.Context(), 0, "token", 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	Listen(l, func(e Event) {
		if also != nil {
			also(l, e)
		}
		l.heard <- e.Seq
	}, func(err error) { l.over <- err })
	return l
}

func message(seq int) string {
	return framed(0x81, fmt.Sprintf("MESSAGE\nsubscription:room\nseq:%d\n\n{\"comment\":\"%d %s\"}\x00", seq, seq, strings.Repeat("x", 250)))
}

func (l *listened) want(t *testing.T, seqs ...int64) {
	t.Helper()
	for _, want := range seqs {
		if got := <-l.heard; got != want {
			t.Fatalf("heard seq %d, want %d", got, want)
		}
	}
}

// However the octets come: in crumbs, a read's worth and more, the last with the end behind.
func TestListen_missesNothing(t *testing.T) {
	l := listen(t, nil)
	l.want(t, 1)
	for _, octet := range []byte(message(2)) {
		l.server <- string([]byte{octet})
	}
	l.want(t, 2)
	var many strings.Builder
	var seqs []int64
	for seq := 3; many.Len() < 10*readBlock; seq++ {
		many.WriteString(message(seq))
		seqs = append(seqs, int64(seq))
	}
	half := many.Len()/2 + 7
	l.server <- many.String()[:half]
	l.server <- many.String()[half:]
	l.want(t, seqs...)
	before := time.Now()
	l.server <- message(9)
	close(l.server)
	l.want(t, 9)
	if err := <-l.over; err != io.EOF {
		t.Error(err)
	}
	if at := l.Heard(); at.Before(before) || at.After(time.Now()) {
		t.Errorf("heard at %v, which is not after %v", at, before)
	}
}

// Nothing is kept for a line on which nothing comes, but of a message what is there.
func TestListen_holdsNothingWhileItWaits(t *testing.T) {
	l := listen(t, nil)
	l.want(t, 1)
	defer close(l.server)
	l.server <- message(2) + message(3)[:100]
	l.want(t, 2)
	for !l.watch.news.CompareAndSwap(0, 1) { // the test's turn to hear
		runtime.Gosched()
	}
	if in := &l.in; in.block != nil || len(in.left) != 100 || cap(in.left) > 200 {
		t.Errorf("holds a block: %v; and %d octets of %d", in.block != nil, len(in.left), cap(in.left))
	}
}

func TestListen_endsOnce(t *testing.T) {
	for what, c := range map[string]struct {
		end  func(l *listened)
		want error
	}{
		"closed":      {func(l *listened) { l.Close(); l.Close() }, net.ErrClosed},
		"interrupted": {func(l *listened) { l.Interrupt(); l.Interrupt() }, os.ErrDeadlineExceeded},
	} {
		for where, also := range map[string]func(l *listened, e Event){"from elsewhere": nil, "by who hears": func(l *listened, e Event) {
			if e.Seq == 2 {
				c.end(l)
			}
		}} {
			t.Run(what+" "+where, func(t *testing.T) {
				l := listen(t, also)
				defer close(l.server)
				l.want(t, 1)
				if also == nil {
					c.end(l)
				} else {
					l.server <- message(2)
				}
				if err := <-l.over; !errors.Is(err, c.want) {
					t.Errorf("%v, want %v", err, c.want)
				}
				l.look() // by an event that was on its way
				if len(l.over) > 0 {
					t.Errorf("the end was told again: %v", <-l.over)
				}
			})
		}
	}
}

// Who cannot tell when something comes has a goroutine wait, as on TLS.
func TestListen_waitsWhereItMust(t *testing.T) {
	s := session(t, message(1), message(2), framed(0x88, ""))
	s.raw = nil
	var heard []int64
	over := make(chan error)
	Listen(Sixseat{s}, func(e Event) { heard = append(heard, e.Seq) }, func(err error) { over <- err })
	var closed *CloseError
	if err := <-over; !errors.As(err, &closed) || errors.Is(err, rawsock.ErrAgain) || !slices.Equal(heard, []int64{1, 2}) {
		t.Errorf("%v, heard %d", err, heard)
	}
}
