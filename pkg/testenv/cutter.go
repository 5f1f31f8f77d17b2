package testenv

import (
	"encoding/binary"
	"io"
	"math"
	"slices"
	"sync/atomic"
	"testing"
)

// Cutter is a proxy before PostgreSQL. Armed, it swallows the answer of the next
// transaction that was committed, and cuts the connection instead: the client cannot
// know whether it was stored.
type Cutter struct {
	URL string // like the server's, by way of the proxy

	statements []int
	armed      atomic.Bool
	cuts       atomic.Int64
}

// StartCutter starts a Cutter before the database at url. The transactions it knows are
// those of one of these numbers of statements, pipelined (PostgreSQL 15, section 55.2.4).
func StartCutter(tb testing.TB, url string, statements ...int) *Cutter {
	tb.Helper()
	c := &Cutter{statements: statements}
	c.URL = startProxy(tb, url, c.answer)
	return c
}

// Arm makes it cut once.
func (c *Cutter) Arm() { c.armed.Store(true) }

// Cuts is how often it has cut.
func (c *Cutter) Cuts() int { return int(c.cuts.Load()) }

// answer passes the server's messages on (PostgreSQL 15, section 55.7). Armed, it waits
// until all statements of a transaction are complete and the server is ready for the
// next query, that is, until they are committed, and cuts there.
func (c *Cutter) answer(client io.Writer, server io.Reader) {
	head := make([]byte, 5)
	complete := 0 // statements since the server was ready last
	for {
		if _, err := io.ReadFull(server, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(server, body); err != nil {
			return
		}
		switch head[0] {
		case 'C': // CommandComplete
			complete++
		case 'E': // ErrorResponse: nothing of it is committed
			complete = math.MinInt
		case 'Z': // ReadyForQuery
			if slices.Contains(c.statements, complete) && c.armed.CompareAndSwap(true, false) {
				c.cuts.Add(1)
				return
			}
			complete = 0
		}
		if _, err := client.Write(append(head, body...)); err != nil {
			return
		}
	}
}
