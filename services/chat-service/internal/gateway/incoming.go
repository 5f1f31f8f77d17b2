package gateway

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

// incoming takes the WebSocket frames of a client apart (RFC 6455 section 5.2). It is fed
// octets as they come, cut anywhere, and keeps of them no more than a header or a control
// frame: what is in messages it hands on in pieces.
type incoming struct {
	header  [14]byte
	have    int    // octets of header
	left    uint64 // octets of payload to come
	at      uint64 // octets of payload so far, which is the place in the mask
	inside  bool   // of a frame: its header is complete
	message bool   // one has begun and is not complete
	control []byte // payload of a control frame so far
}

// Opcodes of frames.
const (
	continuation = 0
	text         = 1
	binaryData   = 2
	closing      = 8
	ping         = 9
	pong         = 10
)

// maxControl is the most that a control frame may carry (section 5.5).
const maxControl = 125

// errPeerClosed ends the reading after the peer's Close.
var errPeerClosed = errors.New("closed by the peer")

// feed takes p, which it unmasks in place. data gets what is in messages, control each
// control frame. The first error, its own or of control, is the last.
func (in *incoming) feed(p []byte, data func([]byte), control func(opcode byte, payload []byte) error) error {
	for len(p) > 0 {
		if !in.inside {
			n, err := in.readHeader(p)
			if err != nil {
				return err
			}
			if p = p[n:]; !in.inside {
				return nil
			}
		}
		n := int(min(in.left, uint64(len(p))))
		in.unmask(p[:n])
		in.left -= uint64(n)
		if in.isControl() {
			in.control = append(in.control, p[:n]...)
		} else if n > 0 {
			data(p[:n])
		}
		p = p[n:]
		if in.left > 0 {
			return nil
		}
		if err := in.endFrame(control); err != nil {
			return err
		}
	}
	return nil
}

func (in *incoming) opcode() byte    { return in.header[0] & 0xf }
func (in *incoming) fin() bool       { return in.header[0]&0x80 != 0 }
func (in *incoming) isControl() bool { return in.opcode() >= closing }

// readHeader takes octets until the header is complete, and says how many it took.
func (in *incoming) readHeader(p []byte) (n int, err error) {
	for n < len(p) && in.have < in.headerSize() {
		in.header[in.have] = p[n]
		n, in.have = n+1, in.have+1
	}
	if in.have < in.headerSize() {
		return n, nil
	}
	in.inside, in.at, in.left = true, 0, uint64(in.header[1]&0x7f)
	switch in.left {
	case 126:
		in.left = uint64(binary.BigEndian.Uint16(in.header[2:]))
	case 127:
		in.left = binary.BigEndian.Uint64(in.header[2:])
	}
	return n, in.check()
}

// headerSize is how long the header is, as far as what is there tells.
func (in *incoming) headerSize() int {
	if in.have < 2 {
		return 2
	}
	size := 2 + 4
	if in.header[1]&0x80 == 0 {
		size = 2 // without a mask, which is refused
	}
	switch in.header[1] & 0x7f {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	return size
}

// check refuses what no client may send.
func (in *incoming) check() error {
	op := in.opcode()
	switch {
	case in.header[0]&0x70 != 0:
		return errors.New("a reserved bit is set")
	case in.header[1]&0x80 == 0:
		return errors.New("a frame is not masked")
	case in.left>>63 != 0:
		return errors.New("a frame is longer than there are numbers for")
	case op > binaryData && op < closing || op > pong:
		return fmt.Errorf("there is no opcode %d", op)
	case in.isControl() && (!in.fin() || in.left > maxControl):
		return errors.New("a control frame is in fragments or too long")
	case op == continuation && !in.message:
		return errors.New("a message is continued that has not begun")
	case (op == text || op == binaryData) && in.message:
		return errors.New("a message begins inside of another")
	}
	return nil
}

func (in *incoming) unmask(p []byte) {
	mask := in.header[in.have-4 : in.have]
	for i := range p {
		p[i] ^= mask[(in.at+uint64(i))&3]
	}
	in.at += uint64(len(p))
}

func (in *incoming) endFrame(control func(opcode byte, payload []byte) error) error {
	in.inside, in.have = false, 0
	if !in.isControl() {
		in.message = !in.fin()
		return nil
	}
	payload := in.control
	in.control = nil // kept for few: most peers send none
	return control(in.opcode(), payload)
}

// isClose reports whether the payload of a Close is one (sections 5.5.1 and 7.4).
func isClose(payload []byte) bool {
	if len(payload) < 2 {
		return len(payload) == 0
	}
	code := binary.BigEndian.Uint16(payload)
	known := code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006 || code >= 3000 && code <= 4999
	return known && utf8.Valid(payload[2:])
}

// borrowed is the connection as the library has it, for the handshake alone: when it closes
// its own the socket stays.
type borrowed struct{ *heard }

func (borrowed) Close() error { return nil }
