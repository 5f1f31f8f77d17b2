package line

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
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

// Socket is a WebSocket. One goroutine reads, any may write.
type Socket struct {
	conn net.Conn
	r    *bufio.Reader
	in   []byte // the message that was read last

	heard atomic.Int64 // Unix nanoseconds of the last octets from the server

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
	s := &Socket{conn: conn, r: r}
	if err := s.handshake(t.host, path, subprotocol); err != nil {
		s.Close()
		return nil, fmt.Errorf("upgrade: %w", err)
	}
	return s, nil
}

func (s *Socket) handshake(host, path, subprotocol string) error {
	if subprotocol != "" {
		subprotocol = "Sec-WebSocket-Protocol: " + subprotocol + "\r\n"
	}
	// The key need not be secret, only well-formed; its answer is the example of RFC 6455.
	_, err := fmt.Fprintf(s.conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n", path, host, subprotocol)
	if err != nil {
		return err
	}
	resp, err := http.ReadResponse(s.r, nil)
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
	return nil
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
	if err := s.conn.SetWriteDeadline(s.wrote.Add(writeTimeout)); err != nil {
		return err
	}
	_, err := s.conn.Write(s.out)
	return err
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

// Message reads the next text or binary message, which is valid until the next call.
// Pings are answered; a Close is a *CloseError.
func (s *Socket) Message() ([]byte, error) {
	s.in = s.in[:0]
	for {
		opcode, fin, err := s.frame()
		if err != nil {
			return nil, err
		}
		switch opcode {
		case opText, opBinary, opContinuation:
			if fin {
				return s.in, nil
			}
		default:
			return nil, fmt.Errorf("WebSocket opcode %d is none that a server sends", opcode)
		}
	}
}

// frame appends the payload of the next data frame to in.
func (s *Socket) frame() (opcode byte, fin bool, err error) {
	for {
		var head [10]byte
		if _, err := io.ReadFull(s.r, head[:2]); err != nil {
			return 0, false, err
		}
		s.heard.Store(time.Now().UnixNano())
		opcode, fin = head[0]&0x0f, head[0]&0x80 != 0
		n := int64(head[1] & 0x7f)
		switch {
		case head[1]&0x80 != 0 || head[0]&0x70 != 0:
			return 0, false, errors.New("the server sent a masked frame, or one with reserved bits")
		case n == 126:
			_, err = io.ReadFull(s.r, head[:2])
			n = int64(binary.BigEndian.Uint16(head[:]))
		case n == 127:
			_, err = io.ReadFull(s.r, head[:8])
			n = int64(binary.BigEndian.Uint64(head[:]))
		}
		if err != nil {
			return 0, false, err
		}
		if n < 0 || n > maxMessage-int64(len(s.in)) {
			return 0, false, fmt.Errorf("a message of more than %d octets", maxMessage)
		}
		before := len(s.in)
		s.in = append(s.in, make([]byte, n)...)
		if _, err := io.ReadFull(s.r, s.in[before:]); err != nil {
			return 0, false, err
		}
		if opcode < opClose {
			return opcode, fin, nil
		}
		if err := s.control(opcode, s.in[before:]); err != nil {
			return 0, false, err
		}
		s.in = s.in[:before]
	}
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
func (s *Socket) Close() { reset(s.conn) }

// Interrupt makes the reading goroutine return at once.
func (s *Socket) Interrupt() { _ = s.conn.SetReadDeadline(time.Now()) } // it may be closed already
