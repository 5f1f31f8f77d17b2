// Package peer speaks to chat servers that are not ours, so that the same members can talk
// through them and be measured: to rooms by name, with a receipt for what one says. It is as
// cheap as package line: frames by hand, no JSON read that need not be.
//
// None of them counts a room's messages in a way that both who speaks and who listens sees,
// so an event's seq is its nonce, and the judge asks for no order.
package peer

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/sixseat/sixseat/infra/capacity/internal/line"
)

var dialects = map[string]line.Dial{
	"stomp":      dialRabbit,
	"socketio":   dialSocketIO,
	"centrifugo": dialCentrifugo,
}

// Names are the dialects that there are, sorted.
func Names() []string { return slices.Sorted(maps.Keys(dialects)) }

// Dialect is the dialect of this name, nil if there is none.
func Dialect(name string) line.Dial { return dialects[name] }

// said is somebody's message.
func said(text []byte) line.Event {
	nonce := line.Nonce(text)
	return line.Event{Kind: line.Message, Nonce: nonce, Seq: int64(nonce)}
}

// answer is the answer to a saying.
func answer(nonce int) line.Event {
	return line.Event{Kind: line.Answer, Nonce: nonce, Seq: int64(nonce)}
}

// number reads the digits that a text begins with; without any, it is an error.
func number(text []byte) (n int, rest []byte, err error) {
	i := 0
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		i++
	}
	n, err = strconv.Atoi(string(text[:i]))
	return n, text[i:], err
}

// unexpected is a message that ends the line, shortened.
func unexpected(message []byte) error {
	return &line.FrameError{Frame: fmt.Sprintf("%.200q", message)}
}
