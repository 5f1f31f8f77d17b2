package testenv

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"
	"testing"
)

// LossyBus is a proxy before Redis that loses deliveries of its pub/sub, which Redis
// promises at most once, and nothing else: every reply to a command arrives.
type LossyBus struct {
	URL string // like the server's, by way of the proxy

	lose      func() bool
	delivered atomic.Int64
	lost      atomic.Int64
}

// StartLossyBus starts a LossyBus before the Redis at url; lose is asked for each
// delivery, from any goroutine.
func StartLossyBus(tb testing.TB, url string, lose func() bool) *LossyBus {
	tb.Helper()
	b := &LossyBus{lose: lose}
	b.URL = startProxy(tb, url, b.answer)
	return b
}

// Deliveries is how many were passed on and how many were lost.
func (b *LossyBus) Deliveries() (delivered, lost int) {
	return int(b.delivered.Load()), int(b.lost.Load())
}

// answer passes the server's values on, whole, without the deliveries to be lost.
func (b *LossyBus) answer(client io.Writer, server io.Reader) {
	values := bufio.NewReader(server)
	subscribed := false
	for {
		value, err := readRESP(values, nil)
		if err != nil {
			return
		}
		subscribed = subscribed || isEvent(value, "subscribe", true)
		if isEvent(value, "message", subscribed) {
			if b.lose() {
				b.lost.Add(1)
				continue
			}
			b.delivered.Add(1)
		}
		if _, err := client.Write(value); err != nil {
			return
		}
	}
}

// isEvent tells whether value is what pub/sub says by itself, of plain or of sharded
// channels. In RESP3 that is a push (>); in RESP2 an array, which means a reply unless
// the connection has subscribed.
func isEvent(value []byte, name string, subscribed bool) bool {
	rest, found := bytes.CutPrefix(value, []byte(">3\r\n"))
	if !found && subscribed {
		rest, found = bytes.CutPrefix(value, []byte("*3\r\n"))
	}
	plain, sharded := fmt.Appendf(nil, "$%d\r\n%s\r\n", len(name), name), fmt.Appendf(nil, "$%d\r\ns%s\r\n", len(name)+1, name)
	return found && (bytes.HasPrefix(rest, plain) || bytes.HasPrefix(rest, sharded))
}

// readRESP appends one value of the Redis protocol, versions 2 and 3, to read, as it came.
func readRESP(r *bufio.Reader, read []byte) ([]byte, error) {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	read = append(read, line...)
	var n int
	switch line[0] {
	case '$', '!', '=', '*', '~', '>', '%', '|':
		if n, err = strconv.Atoi(string(bytes.TrimRight(line[1:], "\r\n"))); err != nil {
			return nil, fmt.Errorf("a length in RESP: %w", err)
		}
	}
	switch line[0] {
	case '$', '!', '=': // so many octets and a line's end; -1 is null
		if n < 0 {
			return read, nil
		}
		octets := make([]byte, n+2)
		if _, err := io.ReadFull(r, octets); err != nil {
			return nil, err
		}
		return append(read, octets...), nil
	case '%':
		n *= 2 // keys and values
	case '|':
		n = 2*n + 1 // attributes, then the value that has them
	}
	for range n {
		if read, err = readRESP(r, read); err != nil {
			return nil, err
		}
	}
	return read, nil
}
