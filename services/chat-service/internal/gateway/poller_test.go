package gateway

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

// tcpWorld is a world whose members come over real sockets, at which the poller waits, and
// write in crumbs.
func tcpWorld(t *testing.T) *world {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return newWorld(t, 0, Limits{}, l, func() net.Conn {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return crumbs{c}
	})
}

// crumbs writes in pieces of a few octets, so that frames come in any number of reads.
type crumbs struct{ net.Conn }

func (c crumbs) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var k int
		k, err = c.Conn.Write(p[n:min(n+1+rand.IntN(200), len(p))])
		n += k
	}
	return n, err
}

// Many at once, in crumbs, again and again on descriptors that others had before: nothing is
// missed, and who goes without a word is found out.
func TestSockets_nothingIsMissed(t *testing.T) {
	const members, turns, sends = 6, 5, 40
	w := tcpWorld(t)
	room := w.room(members)
	for turn := range turns {
		var clients []*stomptest.Client
		for n := range members {
			clients = append(clients, w.connect(1+n))
		}
		for i := range sends {
			for _, c := range clients {
				c.Send("SEND", fmt.Sprintf(`{"type":"TEXT","comment":"%s"}`, strings.Repeat("x", 1+i*45)),
					"destination:/pub/chat/"+room, fmt.Sprint("receipt:", turn, ".", i))
			}
		}
		for _, c := range clients {
			for i := range sends {
				c.Want("RECEIPT", fmt.Sprint("receipt-id:", turn, ".", i))
			}
			c.Hangup()
		}
	}
	for end := time.Now().Add(time.Minute); w.gateway.Sessions() > 0; {
		if time.Now().After(end) {
			t.Fatalf("%d sessions are left of sockets that are closed", w.gateway.Sessions())
		}
	}
}
