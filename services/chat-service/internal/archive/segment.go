package archive

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"unsafe"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// pack makes a segment of as many of a room's messages as fit into one, and at least of
// the first. The same messages always make the same segment: who does it again, after an
// answer that was lost or beside another node, writes the same octets to the same place.
func pack(messages []chat.Message) (s Segment, packed []chat.Message, data []byte, err error) {
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression) // its header has no time
	if err != nil {
		return s, nil, nil, err
	}
	octets := 0
	for i, m := range messages {
		line, err := json.Marshal(m)
		if err != nil {
			return s, nil, nil, err
		}
		if octets += len(line) + 1; i > 0 && octets > segmentOctets {
			break
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return s, nil, nil, err
		}
		packed = messages[:i+1]
	}
	if err := w.Close(); err != nil {
		return s, nil, nil, err
	}
	data = zipped.Bytes()
	first := packed[0]
	s = Segment{RoomID: first.RoomID, First: first.Seq, Last: packed[len(packed)-1].Seq, Bytes: int64(len(data)), SHA256: sumOf(data)}
	// With the sum in its name an object is never overwritten by other octets, such as
	// those of another release: what the database says of it stays true.
	s.Object = fmt.Sprintf("transcripts/%s/%d-%d-%s.jsonl.gz", s.RoomID, s.First, s.Last, s.SHA256[:16])
	return s, packed, data, nil
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// check says whether data is the segment's object.
func (s Segment) check(data []byte) error {
	if int64(len(data)) != s.Bytes || sumOf(data) != s.SHA256 {
		return fmt.Errorf("%s is damaged: it has %d octets and not the SHA-256 that is recorded", s.Object, len(data))
	}
	return nil
}

// unpack returns the messages of a segment's object.
func (s Segment) unpack(data []byte) (messages []chat.Message, err error) {
	if err := s.check(data); err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.Object, err)
	}
	lines := json.NewDecoder(r)
	messages = make([]chat.Message, 0, max(0, min(s.Messages(), segmentMessages))) // what the row says may be wrong
	for {
		var m chat.Message
		switch err := lines.Decode(&m); {
		case err == io.EOF && int64(len(messages)) == s.Messages():
			return messages, nil
		case err != nil:
			return nil, fmt.Errorf("read %s after %d messages of %d: %w", s.Object, len(messages), s.Messages(), err)
		case m.RoomID != s.RoomID || m.Seq != s.First+int64(len(messages)):
			return nil, fmt.Errorf("%s has seq %d of room %s where %d should be", s.Object, m.Seq, m.RoomID, s.First+int64(len(messages)))
		}
		m.RoomID = s.RoomID // one for all
		messages = append(messages, m)
	}
}

// heldBy is how many octets of memory messages take, rather more than less: the allocator
// rounds each string up, to a multiple of 16 or to one of its sizes, a fifth larger at most.
func heldBy(messages []chat.Message) int64 {
	octets := int64(cap(messages)) * int64(unsafe.Sizeof(chat.Message{}))
	hold := func(texts ...string) {
		for _, text := range texts {
			octets += int64((len(text)+15)&^15 + len(text)/5)
		}
	}
	for _, m := range messages {
		hold(m.MessageID, m.IdempotencyKey, m.MemberID, m.Type, m.Comment, m.CreatedBy)
		if m.Image != nil {
			octets += int64(unsafe.Sizeof(*m.Image))
			hold(m.Image.ImageID, m.Image.ContentType)
		}
	}
	return octets
}
