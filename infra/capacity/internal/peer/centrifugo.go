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

// centrifugo is a client of Centrifugo's JSON protocol: a message of WebSocket has one
// command, or one or more replies, each a line. A room is a channel.
type centrifugo struct {
	*line.Socket
	rest  []byte        // of the message that was read last, the lines that are left
	every time.Duration // the server's pings
}

// Commands are numbered: 1 and 2 are these, what is said goes on from there.
const (
	connectID   = 1
	subscribeID = 2
)

var (
	beatReply   = []byte("{}")
	pushReply   = []byte(`{"push":`)
	idReply     = []byte(`{"id":`)
	errorField  = []byte(`"error":`)
	publication = []byte(`"pub":{"data":"`)
)

// dialCentrifugo comes without a token, and leaves heart-beats to the server, as the
// protocol does.
func dialCentrifugo(ctx context.Context, t line.Target, i int, _ time.Duration) (line.Chat, error) {
	ws, err := t.Upgrade(ctx, i, "/connection/websocket", "")
	if err != nil {
		return nil, err
	}
	c := &centrifugo{Socket: ws}
	if err := c.connect(); err != nil {
		c.Close()
		return nil, fmt.Errorf("connect: %w", err)
	}
	return c, c.Deadline(time.Time{})
}

func (c *centrifugo) connect() error {
	if err := c.command(connectID, `"connect":{}`); err != nil {
		return err
	}
	reply, err := c.next()
	if err != nil {
		return err
	}
	var welcome struct {
		ID      int
		Connect *struct{ Ping int64 } // seconds
	}
	if json.Unmarshal(reply, &welcome) != nil || welcome.ID != connectID || welcome.Connect == nil || welcome.Connect.Ping < 1 {
		return unexpected(reply)
	}
	c.every = time.Duration(welcome.Connect.Ping) * time.Second
	return nil
}

func (c *centrifugo) command(id int, what string) error {
	return c.WriteText([]byte(`{"id":` + strconv.Itoa(id) + `,` + what + `}`))
}

// next reads the next reply.
func (c *centrifugo) next() ([]byte, error) {
	for {
		if len(c.rest) == 0 {
			var err error
			if c.rest, err = c.Message(); err != nil {
				return nil, err
			}
		}
		reply, rest, _ := bytes.Cut(c.rest, []byte("\n"))
		c.rest = rest
		if len(reply) > 0 {
			return reply, nil
		}
	}
}

// Join implements line.Chat.
func (c *centrifugo) Join(room string, _ int64) error {
	return c.command(subscribeID, `"subscribe":{"channel":"`+room+`"}`)
}

// Say implements line.Chat.
func (c *centrifugo) Say(room string, nonce, length int) error {
	return c.command(subscribeID+nonce, `"publish":{"channel":"`+room+`","data":"`+line.Text(nonce, length)+`"}`)
}

// Hear implements line.Chat.
func (c *centrifugo) Hear() (line.Event, error) {
	reply, err := c.next()
	if err != nil {
		return line.Event{}, err
	}
	if bytes.HasPrefix(reply, pushReply) {
		if _, text, found := bytes.Cut(reply, publication); found {
			return said(text), nil
		}
		return line.Event{}, unexpected(reply) // unsubscribed, for example
	}
	if bytes.Equal(reply, beatReply) {
		return line.Event{}, c.WriteText(beatReply)
	}
	rest, _ := bytes.CutPrefix(reply, idReply)
	id, rest, err := number(rest)
	failed := bytes.Contains(rest, errorField)
	switch {
	case err == nil && id == subscribeID && !failed:
		return line.Event{Kind: line.Joined}, nil
	case err == nil && id > subscribeID && failed:
		return line.Event{Kind: line.Refusal, Nonce: id - subscribeID, Why: string(reply)}, nil
	case err == nil && id > subscribeID:
		return answer(id - subscribeID), nil
	}
	return line.Event{}, unexpected(reply)
}

// Pulse implements line.Chat.
func (c *centrifugo) Pulse(now, _ time.Time) (silent bool, err error) {
	return c.Silent(now, c.every), nil
}
