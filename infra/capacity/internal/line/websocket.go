package line

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sixseat/sixseat/pkg/rawsock"
)

// Opcodes of WebSocket frames (RFC 6455 section 5.2).
const (
	opContinuation = 0
	opText         = 1
	opBinary       = 2
	opClose        = 8
	opPing         = 9
	opPong         = 10
)

// CloseError is a Close frame of the server.
type CloseError struct {
	Code   int // 1005: none given
	Reason string
}

// Error implements error.
func (e *CloseError) Error() string { return fmt.Sprintf("closed with %d %s", e.Code, e.Reason) }

// Socket is a WebSocket. One goroutine reads at a time, any may write.
type Socket struct {
	conn net.Conn
	raw  *rawsock.Socket // conn's; nil: it can only be waited for
	wire *Wire
	in   incoming

	heard atomic.Int64 // Unix nanoseconds of the last octets from the server
	watch watch

	mu    sync.Mutex // guards what follows
	out   []byte
	wrote time.Time
}

// Upgrade opens the i-th connection as a WebSocket. Its reads end with an error
// after dialTimeout, until a Deadline is set: what a dialect asks first is a part of connecting.
func (t Target) Upgrade(ctx context.Context, i int, path, subprotocol string) (*Socket, error) {
	conn, r, err := t.open(ctx, i)
	if err != nil {
		return nil, err
	}
	s := &Socket{conn: conn, wire: t.wire}
	s.raw, _ = rawsock.Of(conn) // TLS has none
	s.watch.news.Store(1)
	if err := s.handshake(r, t.host, path, subprotocol); err != nil {
		s.Close()
		return nil, fmt.Errorf("upgrade: %w", err)
	}
	return s, conn.SetWriteDeadline(time.Time{})
}

func (s *Socket) handshake(r *bufio.Reader, host, path, subprotocol string) error {
	if subprotocol != "" {
		subprotocol = "Sec-WebSocket-Protocol: " + subprotocol + "\r\n"
	}
	// The key need not be secret, only well-formed; its answer is the example of RFC 6455.
	_, err := fmt.Fprintf(s.conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n", path, host, subprotocol)
	if err != nil {
		return err
	}
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10)) // what there is of it explains the status
		return &StatusError{Status: resp.StatusCode, Body: string(body)}
	}
	if got := resp.Header.Get("Sec-WebSocket-Accept"); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		return fmt.Errorf("Sec-WebSocket-Accept is %q", got)
	}
	early, err := r.Peek(r.Buffered()) // frames that came right behind the answer
	s.came(bytes.Clone(early))
	return err
}

// Deadline is when reading ends with an error; zero: never.
func (s *Socket) Deadline(at time.Time) error { return s.conn.SetReadDeadline(at) }

// WriteText sends a text message.
func (s *Socket) WriteText(parts ...[]byte) error { return s.write(opText, parts...) }

// write sends one message. The mask is zero, which is a mask like any other to the
// server and costs nothing here: what it guards against, proxies that take what a script
// chose for HTTP, is not on a load generator's way.
func (s *Socket) write(opcode byte, parts ...[]byte) error {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = append(s.out[:0], 0x80|opcode)
	switch {
	case n < 126:
		s.out = append(s.out, 0x80|byte(n))
	case n < 1<<16:
		s.out = binary.BigEndian.AppendUint16(append(s.out, 0x80|126), uint16(n))
	default:
		s.out = binary.BigEndian.AppendUint64(append(s.out, 0x80|127), uint64(n))
	}
	s.out = append(s.out, 0, 0, 0, 0)
	for _, p := range parts {
		s.out = append(s.out, p...)
	}
	s.wrote = time.Now()
	n, err := s.writeNow(s.out)
	if err == nil && n < len(s.out) {
		err = s.writeOut(s.out[n:])
	}
	return err
}

// writeNow writes what the socket takes at once, which is nearly always all.
func (s *Socket) writeNow(p []byte) (n int, err error) {
	if s.raw != nil {
		n, err = s.raw.TryWrite(p)
		s.wire.FromPeople.Add(int64(n))
	}
	return n, err
}

// writeOut waits until the socket has taken everything.
func (s *Socket) writeOut(p []byte) error {
	if err := s.conn.SetWriteDeadline(s.wrote.Add(writeTimeout)); err != nil {
		return err
	}
	if _, err := s.conn.Write(p); err != nil {
		return err
	}
	return s.conn.SetWriteDeadline(time.Time{})
}

func (s *Socket) lastWrite() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wrote
}

// Silent says whether the server has said nothing for three times an interval.
func (s *Socket) Silent(now time.Time, interval time.Duration) bool {
	return now.UnixNano()-s.heard.Load() > 3*interval.Nanoseconds()
}

func (s *Socket) control(opcode byte, payload []byte) error {
	switch opcode {
	case opPing:
		return s.write(opPong, payload)
	case opPong:
		return nil
	case opClose:
		closed := &CloseError{Code: 1005}
		if len(payload) >= 2 {
			closed.Code, closed.Reason = int(binary.BigEndian.Uint16(payload)), string(payload[2:])
		}
		_ = s.write(opClose, payload) // a courtesy: the server may have gone
		return closed
	}
	return fmt.Errorf("WebSocket opcode %d is none", opcode)
}

// Close hangs up without a goodbye.
func (s *Socket) Close() {
	reset(s.conn)
	s.look()
}

// Interrupt makes whoever reads return at once.
func (s *Socket) Interrupt() {
	_ = s.conn.SetReadDeadline(time.Now()) // it may be closed already
	s.look()
}
