// Package linetest is the server's end of a line, by hand, for tests.
package linetest

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"testing"
)

// Upgraded is the answer to a request for a WebSocket; its key is always the same.
const Upgraded = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

// Serve accepts one connection, reads a request, answers it and goes on as told. It
// returns the origin.
func Serve(t *testing.T, answer string, goOn func(conn net.Conn, r *bufio.Reader)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		r := bufio.NewReader(conn)
		if _, err := http.ReadRequest(r); err != nil {
			t.Error("the request:", err)
		}
		_, _ = io.WriteString(conn, answer)
		if goOn != nil {
			goOn(conn, r)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return "http://" + l.Addr().String()
}

// Framed is a WebSocket frame of a server.
func Framed(first byte, payload string) string {
	switch n := len(payload); {
	case n < 126:
		return string([]byte{first, byte(n)}) + payload
	case n < 1<<16:
		return string(binary.BigEndian.AppendUint16([]byte{first, 126}, uint16(n))) + payload
	default:
		return string(binary.BigEndian.AppendUint64([]byte{first, 127}, uint64(n))) + payload
	}
}

// Text is a text message of a server.
func Text(payload string) string { return Framed(0x81, payload) }

// Read reads one short frame of a client, whose mask is zero.
func Read(r io.Reader) (first byte, payload string, err error) {
	head := make([]byte, 6)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, "", err
	}
	first = head[0]
	n := int(head[1] & 0x7f)
	if n == 126 { // two more octets of length, which took the place of the mask's first
		n = int(binary.BigEndian.Uint16(head[2:]))
		if _, err := io.ReadFull(r, head[:2]); err != nil {
			return 0, "", err
		}
	}
	text := make([]byte, n)
	_, err = io.ReadFull(r, text)
	return first, string(text), err
}
