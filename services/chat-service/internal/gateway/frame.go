package gateway

import (
	"encoding/binary"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomp"
)

// textFrame is the first octet of a text message in one frame: FIN and opcode 1 (RFC 6455
// section 5.2).
const textFrame = 0x80 | text

// maxHeader is the longest header of a WebSocket frame from a server, which masks nothing.
const maxHeader = 10

// The first octets of control frames: FIN and opcode.
const (
	closeFrame = 0x80 | closing
	pingFrame  = 0x80 | ping
	pongFrame  = 0x80 | pong
)

// controlFrame is a control frame with at most maxControl octets.
func controlFrame(first byte, payload []byte) []byte {
	return append([]byte{first, byte(len(payload))}, payload...)
}

// closePayload is what a Close of ours carries. reason must be short.
func closePayload(code int, reason string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)
}

var heartBeatMessage = []byte{textFrame, byte(len(stomp.HeartBeat)), stomp.HeartBeat[0]}

// textMessage is a STOMP frame as one WebSocket message, as it goes to the socket. Since
// servers mask nothing, the same octets are for all who get the same frame.
func textMessage(v stomp.Version, f *stomp.Frame) []byte {
	b := stomp.Append(make([]byte, maxHeader, maxHeader+f.WireSize()), v, f)
	n := len(b) - maxHeader
	var from int // where the header begins, which ends at maxHeader
	switch {
	case n < 126:
		from = maxHeader - 2
		b[from+1] = byte(n)
	case n <= 0xffff:
		from = maxHeader - 4
		b[from+1] = 126
		binary.BigEndian.PutUint16(b[from+2:], uint16(n))
	default:
		from = 0
		b[from+1] = 127
		binary.BigEndian.PutUint64(b[from+2:], uint64(n))
	}
	b[from] = textFrame
	return b[from:]
}
