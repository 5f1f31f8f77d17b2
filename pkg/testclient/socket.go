package testclient

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"nhooyr.io/websocket"

	"github.com/sixseat/sixseat/pkg/apitest"
)

// Frame is a STOMP frame. Headers are neither escaped nor unescaped: tests that care
// for that write octets with Raw.
type Frame struct {
	Command string
	Headers map[string]string
	Body    string
}

// Socket is a STOMP session over WebSocket.
type Socket struct {
	ws     *websocket.Conn
	frames apitest.Frames // what the document says about them
}

// Open opens a socket and connects with the member's token.
func (m *Member) Open(ctx context.Context) (*Socket, error) {
	s, err := m.Dial(ctx, m.websocketURL())
	if err != nil {
		return nil, err
	}
	connect := map[string]string{"accept-version": "1.2", "Authorization": "Bearer " + m.Token}
	if err := s.Send(ctx, Frame{Command: "CONNECT", Headers: connect}); err != nil {
		return nil, errors.Join(err, s.Drop())
	}
	if f, err := s.Next(ctx); err != nil || f.Command != "CONNECTED" {
		return nil, errors.Join(fmt.Errorf("connect: got %s: %w", f.Command, err), s.Drop())
	}
	return s, nil
}

// Dial opens a socket at an address of its own and sends nothing.
func (m *Member) Dial(ctx context.Context, url string) (*Socket, error) {
	ws, resp, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"v12.stomp"}})
	if err != nil {
		if resp != nil {
			return nil, fmt.Errorf("open socket: %w: %w", &StatusError{Status: resp.StatusCode}, err)
		}
		return nil, fmt.Errorf("open socket: %w", err)
	}
	ws.SetReadLimit(-1)
	return &Socket{ws: ws}, nil
}

// Send writes one frame in one WebSocket message.
func (s *Socket) Send(ctx context.Context, f Frame) error {
	s.frames.Sent(apitest.Frame(f))
	var b strings.Builder
	b.WriteString(f.Command + "\n")
	for name, value := range f.Headers {
		b.WriteString(name + ":" + value + "\n")
	}
	return s.Raw(ctx, b.String()+"\n"+f.Body+"\x00")
}

// Raw writes octets as they are, in one WebSocket message.
func (s *Socket) Raw(ctx context.Context, octets string) error {
	return s.ws.Write(ctx, websocket.MessageText, []byte(octets))
}

// Next reads the next frame, heart-beats passed over. After the server's Close the
// error has its code: see CloseCode.
func (s *Socket) Next(ctx context.Context) (Frame, error) {
	for {
		_, data, err := s.ws.Read(ctx)
		if err != nil {
			return Frame{}, err
		}
		text := string(data)
		if text == "\n" {
			continue
		}
		f, err := parse(text)
		if err != nil {
			return f, err
		}
		if err := s.frames.Got(apitest.Frame(f)); err != nil {
			return f, fmt.Errorf("not as documented: %w", err)
		}
		return f, nil
	}
}

// CloseCode is the code that the server closed with, or -1.
func CloseCode(err error) int { return int(websocket.CloseStatus(err)) }

// Drop ends the connection without a goodbye.
func (s *Socket) Drop() error { return s.ws.CloseNow() }

// parse reads one frame; our server sends exactly one in each WebSocket message.
func parse(text string) (Frame, error) {
	head, body, found := strings.Cut(text, "\n\n")
	body, ended := strings.CutSuffix(body, "\x00")
	if !found || !ended {
		return Frame{}, fmt.Errorf("this is no frame: %q", text)
	}
	lines := strings.Split(head, "\n")
	f := Frame{Command: lines[0], Headers: map[string]string{}, Body: body}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		f.Headers[name] = value
	}
	return f, nil
}
