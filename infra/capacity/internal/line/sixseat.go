package line

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"github.com/sixseat/sixseat/pkg/chatapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/judge"
)

// Ids of a member's subscriptions. Those who share one get the same octets.
const (
	roomSub   = "room"
	errorsSub = "errors"
	eventsSub = "events" // who comes and types: not judged
)

// Sixseat is a line to our chat-service.
type Sixseat struct{ *Session }

// Sixseat opens the i-th connection as a line of the member with this token.
func (t Target) Sixseat(ctx context.Context, i int, token string, beat time.Duration) (Sixseat, error) {
	session, err := t.STOMP(ctx, i, "/chat/ws", beat, "host:sixseat", "Authorization:Bearer "+token)
	return Sixseat{session}, err
}

// Join implements Chat.
func (s Sixseat) Join(room string, after int64) error {
	if err := s.Subscribe(errorsSub, chatapi.ErrorsQueue); err != nil {
		return err
	}
	var lastSeq []string
	if after >= 0 {
		lastSeq = []string{chatapi.HeaderLastSeq + ":" + strconv.FormatInt(after, 10)}
	}
	return s.Subscribe(roomSub, chatapi.TopicPrefix+room, lastSeq...)
}

// Watch asks for what a room's members do beside talking.
func (s Sixseat) Watch(room string) error {
	return s.Subscribe(eventsSub, chatapi.TopicPrefix+room+chatapi.EventsSuffix)
}

// Typing tells a room that the member types.
func (s Sixseat) Typing(room string) error { return s.Send(chatapi.TypingPrefix+room, "", "") }

// Say implements Chat.
func (s Sixseat) Say(room string, nonce, length int) error {
	return s.Send(chatapi.ChatPrefix+room, strconv.Itoa(nonce), `{"type":"TEXT","comment":"`+Text(nonce, length)+`"}`)
}

// Hear implements Chat.
func (s Sixseat) Hear() (Event, error) {
	f, err := s.Next()
	if err != nil {
		return Event{}, err
	}
	switch string(f.Command) {
	case "MESSAGE":
		switch string(f.Header("subscription")) {
		case errorsSub:
			return Event{Kind: Refusal, Nonce: max(0, int(f.Number("receipt-id"))), Why: string(f.Body)}, nil
		case eventsSub:
			return Event{}, nil
		}
		return Event{Kind: Message, Nonce: comment(f.Body), Seq: f.Number(chatapi.HeaderSeq)}, nil
	case "RECEIPT":
		id := f.Header("receipt-id")
		if string(id) == roomSub {
			return Event{Kind: Joined}, nil
		}
		nonce, err := strconv.Atoi(string(id))
		if err != nil {
			return Event{}, nil // another subscription's
		}
		return Event{Kind: Answer, Nonce: nonce, Seq: f.Number(chatapi.HeaderSeq)}, nil
	}
	return Event{}, &FrameError{f.String()}
}

var commentField = []byte(`"comment":"`)

// comment finds which saying a message of ours is. Reading all of the JSON for each
// delivery would cost more than everything else here.
func comment(body []byte) int {
	_, text, found := bytes.Cut(body, commentField)
	if !found {
		return 0
	}
	if len(text) > 0 && text[0] == '"' {
		return judge.Server
	}
	return Nonce(text)
}
