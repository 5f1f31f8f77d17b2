package hub

import (
	"encoding/binary"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// packed is a message as recent keeps it: half of what its JSON takes. What the room knows
// of it, its id and the seq, is not in there. It never leaves the process.
type packed []byte

// whole is in place of a text's length: a UUID's 16 octets follow.
const whole = -1

// pack appends to p.
func (p packed) pack(m chat.Message) packed {
	for _, id := range []string{m.MessageID, m.IdempotencyKey, m.MemberID} {
		p = p.putID(id)
	}
	for _, text := range []string{m.Type, m.CreatedBy, m.Comment} {
		p = p.putText(text)
	}
	p = p.put(m.CreatedAt.UnixMilli())
	if i := m.Image; i != nil {
		p = p.putID(i.ImageID).putText(i.ContentType).put(i.Bytes).put(int64(i.Width)).put(int64(i.Height))
	}
	return p
}

// unpack is the message that was packed.
func (p packed) unpack(roomID string, seq int64) chat.Message {
	m := chat.Message{
		RoomID: roomID, Seq: seq, MessageID: p.text(), IdempotencyKey: p.text(), MemberID: p.text(),
		Type: p.text(), CreatedBy: p.text(), Comment: p.text(), CreatedAt: wire.At(time.UnixMilli(p.number())),
	}
	if len(p) > 0 {
		m.Image = &chatapi.Picture{
			ImageID: p.text(), ContentType: p.text(), Bytes: p.number(), Width: int(p.number()), Height: int(p.number()),
		}
	}
	return m
}

func (p packed) put(n int64) packed { return binary.AppendVarint(p, n) }

func (p packed) putText(s string) packed { return append(p.put(int64(len(s))), s...) }

// putID puts a text that mostly is a UUID in its usual form.
func (p packed) putID(s string) packed {
	if id, err := uuid.Parse(s); err == nil && len(s) == len("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") && s == strings.ToLower(s) {
		return append(p.put(whole), id[:]...)
	}
	return p.putText(s)
}

// number and text take what was put from the front.
func (p *packed) number() int64 {
	n, size := binary.Varint(*p)
	*p = (*p)[size:]
	return n
}

func (p *packed) text() string {
	n := p.number()
	if n == whole {
		return uuid.UUID(p.octets(int64(len(uuid.UUID{})))).String()
	}
	return string(p.octets(n))
}

func (p *packed) octets(n int64) []byte {
	b := (*p)[:n]
	*p = (*p)[n:]
	return b
}
