package hub

import (
	"encoding/binary"
	"slices"
	"sync"
)

// recent is what was said last in all rooms of a node, packed, for who comes back after a
// moment. It is one ring of octets, so that it is as large with many rooms as with few, and
// nothing for the garbage collector to walk. Who needs what it has no more asks the store.
type recent struct {
	mu   sync.Mutex // guards what follows
	ring []byte
	end  int64 // octets ever put, those left free at the ring's end included
}

// place is where recent has a message, as octets put by then; 0 is nowhere. Each message
// knows the place of the one before it in its room.
type place int64

// header is the place of the message before, and how long this one is.
const header = 8 + 4

func newRecent(size int) *recent { return &recent{ring: make([]byte, size)} }

// put keeps what comes behind the message at a place.
func (t *recent) put(before place, p packed) place {
	t.mu.Lock()
	defer t.mu.Unlock()
	size := int64(len(t.ring))
	whole := int64(header + len(p))
	if whole > size {
		return 0
	}
	if left := size - t.end%size; left < whole {
		t.end += left
	}
	at := t.ring[t.end%size:]
	binary.LittleEndian.PutUint64(at, uint64(before))
	binary.LittleEndian.PutUint32(at[8:], uint32(len(p)))
	copy(at[header:], p)
	t.end += whole
	return place(t.end - whole + 1)
}

// last returns copies of at most n messages up to the one at a place, the newest first:
// fewer when the rest was never put, or is there no more.
func (t *recent) last(at place, n int) (said []packed) {
	t.mu.Lock()
	defer t.mu.Unlock()
	size := int64(len(t.ring))
	for len(said) < n {
		start := int64(at) - 1
		if at == 0 || start < t.end-size {
			break
		}
		b := t.ring[start%size:]
		at = place(binary.LittleEndian.Uint64(b))
		said = append(said, slices.Clone(b[header:][:binary.LittleEndian.Uint32(b[8:])]))
	}
	return said
}
