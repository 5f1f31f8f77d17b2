// Package stomptest is a raw client for tests: it speaks STOMP over WebSocket octet by
// octet, so that a test can be as wrong as a stranger, and it trusts nothing that the
// server says: each of its messages must be one whole STOMP frame in valid UTF-8, and one
// that the document of the STOMP side has (pkg/apitest).
//
// It shares no code with what it tests. It is imported by tests only.
package stomptest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sixseat/sixseat/pkg/apitest"
)

// ceiling is how long a test waits for something that must come; generous, since it is
// only waited for in full when something is broken. In a synctest bubble it is fake.
const ceiling = 2 * time.Minute

// Opcodes of WebSocket frames (RFC 6455 section 5.2).
const (
	Continuation = 0
	Text         = 1
	Binary       = 2
	Close        = 8
	Ping         = 9
	Pong         = 10
)

// Frame is what the server said: a STOMP frame, or a heart-beat (Command "\n"), or the
// end (Command "CLOSE" with Code, 1006 without a Close frame), or a "PING" or "PONG".
type Frame struct {
	Command string
	Headers map[string]string // the first of repeated ones
	Body    string
	Text    string // of a STOMP frame: all of it, as it came
	Code    int
	At      time.Time // when it was read
}

// Client is one WebSocket. Its methods are for one goroutine.
type Client struct {
	tb       testing.TB
	conn     net.Conn
	reader   *bufio.Reader
	Protocol string // the subprotocol that the server chose

	frames apitest.Frames // what the document says about them

	events  chan Frame
	reading sync.Once
	Mute    bool // answers neither pings nor Close frames; set before Listen
}

// Dial upgrades conn. An answer other than 101 is returned instead of a Client. Nothing
// is read before Listen.
func Dial(tb testing.TB, conn net.Conn, path string, header http.Header) (*Client, *http.Response) {
	tb.Helper()
	if header == nil {
		header = http.Header{}
	}
	header = header.Clone()
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	} {
		header.Set(name, value)
	}
	req := &http.Request{Method: http.MethodGet, Host: "chat.test", Header: header}
	var err error
	if req.URL, err = req.URL.Parse("http://chat.test" + path); err != nil {
		tb.Fatal("dial:", err)
	}
	if err := req.Write(conn); err != nil {
		tb.Fatal("dial:", err)
	}
	c := &Client{tb: tb, conn: conn, reader: bufio.NewReader(conn)}
	tb.Cleanup(func() { _ = conn.Close() }) // the server may have closed it before
	resp, err := http.ReadResponse(c.reader, req)
	if err != nil {
		tb.Fatal("dial:", err)
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return nil, resp
	}
	if got := resp.Header.Get("Sec-WebSocket-Accept"); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" { // RFC 6455 section 1.3
		tb.Fatalf("Sec-WebSocket-Accept is %q", got)
	}
	c.Protocol = resp.Header.Get("Sec-WebSocket-Protocol")
	return c, resp
}

// Listen reads from now on, beside the test.
func (c *Client) Listen() *Client {
	c.reading.Do(func() {
		c.events = make(chan Frame, 1<<16) // not before: tests have thousands who never read
		go c.read()
	})
	return c
}

// Send writes one STOMP frame: headers are name:value, as they shall stand there.
func (c *Client) Send(command, body string, headers ...string) {
	c.tb.Helper()
	c.frames.Sent(apitest.Frame{Command: command, Headers: headersOf(headers), Body: body})
	c.Raw(command + "\n" + strings.Join(append(headers, ""), "\n") + "\n" + body + "\x00")
}

// Raw writes text as one message.
func (c *Client) Raw(text string) {
	c.tb.Helper()
	c.Message(Text, true, []byte(text))
}

// Message writes one WebSocket frame, masked (RFC 6455 section 5.3).
func (c *Client) Message(opcode byte, fin bool, payload []byte) {
	c.tb.Helper()
	head := []byte{opcode}
	if fin {
		head[0] |= 0x80
	}
	switch n := len(payload); {
	case n < 126:
		head = append(head, 0x80|byte(n))
	case n < 1<<16:
		head = binary.BigEndian.AppendUint16(append(head, 0x80|126), uint16(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head, 0x80|127), uint64(n))
	}
	mask := [4]byte{1, 2, 3, 4}
	head = append(head, mask[:]...)
	masked := make([]byte, len(payload))
	for i, b := range payload {
		masked[i] = b ^ mask[i%4]
	}
	c.Octets(append(head, masked...))
}

// Octets writes octets that need not be a WebSocket frame.
func (c *Client) Octets(p []byte) {
	c.tb.Helper()
	if _, err := c.conn.Write(p); err != nil {
		c.tb.Logf("write: %v", err) // the server may have closed meanwhile; what it said last counts
	}
}

// Next is what the server says next, heart-beats, pings and pongs left out.
func (c *Client) Next() Frame {
	c.tb.Helper()
	for {
		f := c.Any()
		if !f.aside() {
			return f
		}
	}
}

// Any is what the server says next, whatever it is.
func (c *Client) Any() Frame {
	c.tb.Helper()
	c.Listen()
	select {
	case f := <-c.events:
		return f
	case <-time.After(ceiling):
		c.tb.Fatalf("the server said nothing for %v", ceiling)
		return Frame{}
	}
}

// Want is Next, which must be of the given command and have the given headers.
func (c *Client) Want(command string, headers ...string) Frame {
	c.tb.Helper()
	f := c.Next()
	if f.Command != command {
		c.tb.Fatalf("got %s, want %s", f, command)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ":")
		if got, given := f.Headers[name]; !given || got != value {
			c.tb.Fatalf("got %s, want it with %s", f, h)
		}
	}
	return f
}

// WantClose is Next, which must be the end with the given code.
func (c *Client) WantClose(code int) {
	c.tb.Helper()
	if f := c.Next(); f.Command != "CLOSE" || f.Code != code {
		c.tb.Fatalf("got %s, want the socket closed with %d", f, code)
	}
}

// Quiet reports what has come and was not looked at, heart-beats, pings and pongs left out.
func (c *Client) Quiet() {
	c.tb.Helper()
	for {
		select {
		case f := <-c.events:
			if !f.aside() {
				c.tb.Fatalf("got %s, want nothing more", f)
			}
		default:
			return
		}
	}
}

// Hangup cuts the connection without a word.
func (c *Client) Hangup() { _ = c.conn.Close() }

// aside reports whether the frame only shows that the server lives.
func (f Frame) aside() bool { return f.Command == "\n" || f.Command == "PING" || f.Command == "PONG" }

// String is the frame for failing tests.
func (f Frame) String() string {
	if f.Command == "CLOSE" {
		return fmt.Sprintf("CLOSE %d %s", f.Code, f.Body)
	}
	return fmt.Sprintf("%q %v %q", f.Command, f.Headers, f.Body)
}

// read reads to the end of the connection, and tells it.
func (c *Client) read() {
	code, reason, closes := 1006, "", 0
	for {
		opcode, payload, err := readFrame(c.reader)
		if err != nil {
			c.events <- Frame{Command: "CLOSE", Code: code, Body: reason, At: time.Now()}
			return
		}
		switch opcode {
		case Text:
			c.events <- c.documented(parse(payload))
		case Ping:
			c.events <- Frame{Command: "PING", At: time.Now()}
			if !c.Mute {
				c.Message(Pong, true, payload)
			}
		case Close:
			if code = 1005; len(payload) >= 2 {
				code, reason = int(binary.BigEndian.Uint16(payload)), string(payload[2:])
			}
			if closes++; closes > 1 { // RFC 6455 section 5.5.1: nothing follows a Close frame
				code, reason = -1, "two Close frames"
			}
			if !c.Mute {
				c.Message(Close, true, payload)
			}
		case Pong:
			c.events <- Frame{Command: "PONG", Body: string(payload), At: time.Now()}
		default:
			c.events <- Frame{Command: fmt.Sprintf("a message of opcode %d", opcode), Body: string(payload)}
		}
	}
}

// readFrame reads an unmasked, unfragmented frame, as servers send them.
func readFrame(r io.Reader) (opcode byte, payload []byte, err error) {
	head := make([]byte, 2, 10)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, nil, err
	}
	if head[0]&0x80 == 0 || head[1]&0x80 != 0 {
		return head[0] & 0x0f, []byte("fragmented or masked"), nil
	}
	n := uint64(head[1])
	if extended := map[uint64]int{126: 2, 127: 8}[n]; extended > 0 {
		more := make([]byte, extended)
		if _, err := io.ReadFull(r, more); err != nil {
			return 0, nil, err
		}
		n = binary.BigEndian.Uint64(append(make([]byte, 8-extended), more...))
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(r, payload)
	return head[0] & 0x0f, payload, err
}

// documented is a frame that the document has; else its command says what is wrong.
func (c *Client) documented(f Frame) Frame {
	if f.aside() || f.Text == "" || strings.Contains(f.Command, " ") {
		return f
	}
	if err := c.frames.Got(apitest.Frame{Command: f.Command, Headers: f.Headers, Body: f.Body}); err != nil {
		f.Command = fmt.Sprintf("not as documented: %v: %q", err, f.Text)
	}
	return f
}

// unescapes are the escapes of 1.2; no header of ours has them where a test looks.
var unescapes = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r", `\c`, ":")

// parse reads a message that must be one whole frame.
func parse(payload []byte) Frame {
	text := string(payload)
	f := Frame{Headers: map[string]string{}, Text: text, At: time.Now()}
	if text == "\n" {
		f.Command = "\n"
		return f
	}
	head, body, found := strings.Cut(text, "\n\n")
	body, ended := strings.CutSuffix(body, "\x00")
	if !found || !ended || !utf8.ValidString(text) {
		f.Command = fmt.Sprintf("not one whole frame: %q", text)
		return f
	}
	lines := strings.Split(head, "\n")
	f.Command, f.Body, f.Headers = lines[0], body, headersOf(lines[1:])
	if length, given := f.Headers["content-length"]; given && length != fmt.Sprint(len(body)) {
		f.Command = fmt.Sprintf("content-length %s of %d octets: %q", length, len(body), text)
	}
	return f
}

// headersOf reads header lines, the first of repeated ones.
func headersOf(lines []string) map[string]string {
	headers := map[string]string{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		if _, repeated := headers[unescapes.Replace(name)]; !repeated {
			headers[unescapes.Replace(name)] = unescapes.Replace(value)
		}
	}
	return headers
}
