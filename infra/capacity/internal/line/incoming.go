package line

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sixseat/sixseat/pkg/rawsock"
)

// incoming is what a Socket read. A line on which nothing comes holds nothing: what is read
// lies in a block, which is given back before anybody waits.
type incoming struct {
	block   *block
	left    []byte // what was read and not yet looked at, in the block or by itself
	message []byte // of a message in pieces, those that came
	at      time.Time
	drained bool // the last read took all that was there
}

type block [readBlock]byte

var blocks = sync.Pool{New: func() any { return new(block) }}

// Message reads the next text or binary message, which is valid until the next call. On a
// line that is watched it does not wait: rawsock.ErrAgain says that there is none yet. Pings
// are answered; a Close is a *CloseError.
func (s *Socket) Message() ([]byte, error) {
	for {
		first, payload, err := s.frame()
		if err != nil {
			return nil, err
		}
		opcode, fin := first&0x0f, first&0x80 != 0
		switch {
		case opcode >= opClose:
			if err := s.control(opcode, payload); err != nil {
				return nil, err
			}
		case opcode > opBinary:
			return nil, fmt.Errorf("WebSocket opcode %d is none that a server sends", opcode)
		case fin && len(s.in.message) == 0: // nearly always
			return payload, nil
		default:
			s.in.message = append(s.in.message, payload...)
			if fin {
				whole := s.in.message
				s.in.message = whole[:0]
				return whole, nil
			}
		}
	}
}

// Heard is when that was read of which the last message is the end.
func (s *Socket) Heard() time.Time { return s.in.at }

// frame reads the next frame.
func (s *Socket) frame() (first byte, payload []byte, err error) {
	for {
		first, payload, whole, err := s.in.frame()
		if whole || err != nil {
			return first, payload, err
		}
		if err := s.more(); err != nil {
			return 0, nil, err
		}
	}
}

// frame takes a frame off what was read, once all of it is there.
func (in *incoming) frame() (first byte, payload []byte, whole bool, err error) {
	if len(in.left) < 2 {
		return 0, nil, false, nil
	}
	first = in.left[0]
	n, head := int64(in.left[1]), 2
	switch {
	case n&0x80 != 0 || first&0x70 != 0:
		return 0, nil, false, errors.New("the server sent a masked frame, or one with reserved bits")
	case n < 126:
	case n == 126 && len(in.left) >= 4:
		n, head = int64(binary.BigEndian.Uint16(in.left[2:])), 4
	case n == 127 && len(in.left) >= 10:
		n, head = int64(binary.BigEndian.Uint64(in.left[2:])), 10
	default:
		return 0, nil, false, nil
	}
	if n < 0 || n > maxMessage-int64(len(in.message)) {
		return 0, nil, false, fmt.Errorf("a message of more than %d octets", maxMessage)
	}
	end := head + int(n)
	if len(in.left) < end {
		return 0, nil, false, nil
	}
	payload, in.left = in.left[head:end], in.left[end:]
	return first, payload, true, nil
}

// more reads what has come, behind what is left.
func (s *Socket) more() error {
	in := &s.in
	left := in.left
	switch {
	case in.block == nil:
		in.block = blocks.Get().(*block)
	case len(left) == 0:
		left = nil
	default:
		left = bytes.Clone(left) // it lies in the block
	}
	n, err := s.read(in.block[:])
	if err == rawsock.ErrAgain {
		in.left = left
		blocks.Put(in.block)
		in.block = nil
	}
	if n == 0 {
		return err
	}
	if len(left) > 0 {
		s.came(append(left, in.block[:n]...))
	} else {
		s.came(in.block[:n])
	}
	return nil
}

// came notes what is there now to be looked at.
func (s *Socket) came(left []byte) {
	s.in.left, s.in.at = left, time.Now()
	s.heard.Store(s.in.at.UnixNano())
}

// read reads once. Where it need not wait, a read that takes less than it could is the last
// one until the poller tells of more, unless the end has come behind it.
func (s *Socket) read(p []byte) (n int, err error) {
	if !s.watch.tells {
		return s.conn.Read(p)
	}
	if s.in.drained {
		return 0, rawsock.ErrAgain
	}
	n, err = s.raw.TryRead(p)
	s.wire.ToPeople.Add(int64(n))
	s.in.drained = n < len(p) && !s.watch.ended.Load()
	return n, err
}
