package peer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/line"
)

// socketIO is a Socket.IO client (protocol 5, on Engine.IO 4) of the server in
// peers/socketio, over WebSocket alone. Each message begins with a digit of Engine.IO, and
// those with 4 go on with one of Socket.IO.
type socketIO struct {
	*line.Socket
	every time.Duration // the server's pings
}

// What begins a message.
var (
	open      = []byte("0")
	ping      = []byte("2")
	pong      = []byte("3")
	connect   = []byte("40")
	saidEvent = []byte(`42["said","`)
	ack       = []byte("43")
)

// dialSocketIO leaves heart-beats to the server, as the protocol does.
func dialSocketIO(ctx context.Context, t line.Target, i int, _ time.Duration) (line.Chat, error) {
	ws, err := t.Upgrade(ctx, i, "/socket.io/?EIO=4&transport=websocket", "")
	if err != nil {
		return nil, err
	}
	s := socketIO{Socket: ws}
	if err := s.connect(); err != nil {
		s.Close()
		return nil, fmt.Errorf("connect: %w", err)
	}
	return s, s.Deadline(time.Time{})
}

func (s *socketIO) connect() error {
	hello, err := s.Message()
	if err != nil {
		return err
	}
	var terms struct{ PingInterval int64 } // ms
	body, found := bytes.CutPrefix(hello, open)
	if !found || json.Unmarshal(body, &terms) != nil || terms.PingInterval < 1 {
		return unexpected(hello)
	}
	s.every = time.Duration(terms.PingInterval) * time.Millisecond
	if err := s.WriteText(connect); err != nil {
		return err
	}
	welcome, err := s.Message()
	if err == nil && !bytes.HasPrefix(welcome, connect) {
		err = unexpected(welcome)
	}
	return err
}

// Join implements line.Chat. Its acknowledgement has the number 0, which is no nonce.
func (s socketIO) Join(room string, _ int64) error {
	return s.WriteText([]byte(`420["join","` + room + `"]`))
}

// Say implements line.Chat.
func (s socketIO) Say(room string, nonce, length int) error {
	return s.WriteText([]byte("42" + strconv.Itoa(nonce) + `["say","` + room + `","` + line.Text(nonce, length) + `"]`))
}

// Hear implements line.Chat.
func (s socketIO) Hear() (line.Event, error) {
	m, err := s.Message()
	if err != nil {
		return line.Event{}, err
	}
	if text, found := bytes.CutPrefix(m, saidEvent); found {
		return said(text), nil
	}
	if rest, found := bytes.CutPrefix(m, ack); found {
		switch nonce, _, err := number(rest); {
		case err != nil:
		case nonce == 0:
			return line.Event{Kind: line.Joined}, nil
		default:
			return answer(nonce), nil
		}
	}
	if bytes.Equal(m, ping) {
		return line.Event{}, s.WriteText(pong)
	}
	return line.Event{}, unexpected(m)
}

// Pulse implements line.Chat.
func (s socketIO) Pulse(now, _ time.Time) (silent bool, err error) {
	return s.Silent(now, s.every), nil
}
