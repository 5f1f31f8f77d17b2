package archive

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

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

// unpack returns the messages of a segment's object, and how long their lines are.
func (s Segment) unpack(data []byte) (messages []chat.Message, octets int64, err error) {
	if err := s.check(data); err != nil {
		return nil, 0, err
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, 0, fmt.Errorf("read %s: %w", s.Object, err)
	}
	lines := json.NewDecoder(r)
	for {
		var m chat.Message
		switch err := lines.Decode(&m); {
		case err == io.EOF && int64(len(messages)) == s.Messages():
			return messages, lines.InputOffset(), nil
		case err != nil:
			return nil, 0, fmt.Errorf("read %s after %d messages of %d: %w", s.Object, len(messages), s.Messages(), err)
		case m.RoomID != s.RoomID || m.Seq != s.First+int64(len(messages)):
			return nil, 0, fmt.Errorf("%s has seq %d of room %s where %d should be", s.Object, m.Seq, m.RoomID, s.First+int64(len(messages)))
		}
		messages = append(messages, m)
	}
}
