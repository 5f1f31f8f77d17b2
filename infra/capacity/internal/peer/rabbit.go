package peer

import (
	"context"
	"strconv"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/line"
)

// rabbit is a STOMP session with RabbitMQ's plugin Web STOMP. A room is a topic, which
// RabbitMQ gives a queue for each who subscribes; nothing in them outlives the node.
type rabbit struct{ *line.Session }

// roomSub is the id of the subscription to the room, and of its receipt.
const roomSub = "room"

// dialRabbit comes as guest, whom RabbitMQ has from the start and lets in from its own
// machine only.
func dialRabbit(ctx context.Context, t line.Target, i int, beat time.Duration) (line.Chat, error) {
	session, err := t.STOMP(ctx, i, "/ws", beat, "host:/", "login:guest", "passcode:guest")
	return rabbit{session}, err
}

// Join implements line.Chat.
func (r rabbit) Join(room string, _ int64) error { return r.Subscribe(roomSub, "/topic/"+room) }

// Say implements line.Chat.
func (r rabbit) Say(room string, nonce, length int) error {
	return r.Send("/topic/"+room, strconv.Itoa(nonce), line.Text(nonce, length))
}

// Hear implements line.Chat.
func (r rabbit) Hear() (line.Event, error) {
	f, err := r.Next()
	if err != nil {
		return line.Event{}, err
	}
	switch string(f.Command) {
	case "MESSAGE":
		return said(f.Body), nil
	case "RECEIPT":
		id := f.Header("receipt-id")
		if string(id) == roomSub {
			return line.Event{Kind: line.Joined}, nil
		}
		if nonce, rest, err := number(id); err == nil && len(rest) == 0 {
			return answer(nonce), nil
		}
	}
	return line.Event{}, &line.FrameError{Frame: f.String()}
}
