package redisbus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// An envelope is what one PUBLISH carries: a version, the id of the node that sent it,
// then items, each a kind, a length (uvarint) and that many octets.
type envelope struct {
	roomID string
	items  int
	bytes  []byte
}

// version changes with the layout, so that nodes of two releases refuse each other's
// envelopes, and find messages by the tail check, rather than misread them.
const version = 1

const headerSize = 1 + len(uuid.UUID{})

// pack puts items into envelopes, in their order for each room.
func pack(node uuid.UUID, items []item) []*envelope {
	var all []*envelope
	open := map[string]*envelope{} // the last one of each room
	for _, i := range items {
		e := open[i.roomID]
		if e == nil || len(e.bytes)+len(i.payload) > maxEnvelope {
			e = &envelope{roomID: i.roomID, bytes: make([]byte, 0, headerSize+1+binary.MaxVarintLen64+len(i.payload))}
			e.bytes = append(append(e.bytes, version), node[:]...)
			open[i.roomID] = e
			all = append(all, e)
		}
		e.items++
		e.bytes = append(e.bytes, i.kind)
		e.bytes = binary.AppendUvarint(e.bytes, uint64(len(i.payload)))
		e.bytes = append(e.bytes, i.payload...)
	}
	return all
}

// unpack returns the items of an envelope, none for one that node itself sent, which is not
// even copied: where there is one node, all are.
func unpack(node uuid.UUID, data string) ([]item, error) {
	if len(data) < headerSize || data[0] != version {
		return nil, errors.New("it has no header of this version")
	}
	if data[1:headerSize] == string(node[:]) {
		return nil, nil
	}
	var items []item
	for rest := []byte(data[headerSize:]); len(rest) > 0; {
		kind := rest[0]
		size, n := binary.Uvarint(rest[1:])
		if n <= 0 || size > uint64(len(rest)-1-n) {
			return nil, fmt.Errorf("item %d is cut off", len(items)+1)
		}
		begin, end := 1+n, 1+n+int(size)
		items = append(items, item{kind: kind, payload: slices.Clip(rest[begin:end])})
		rest = rest[end:]
	}
	return items, nil
}

// receive hands an envelope's items to those who joined the room for their kind.
func (b *Bus) receive(name, data string) {
	if name == channelName(b.ownRoom()) {
		b.probed(data)
		return
	}
	items, err := unpack(b.node, data)
	if err != nil {
		b.counted.malformed.Inc()
		b.log.Warn("envelope dropped", "channel", name, "octets", len(data), "err", err)
		return
	}
	b.counted.received.Add(float64(len(items)))
	receivers := b.receiversOf(name)
	for _, i := range items {
		for _, r := range receivers {
			if r.kind == i.kind {
				r.receive(i.payload)
			}
		}
	}
}

func (b *Bus) receiversOf(name string) []*receiver {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.channels[name]; c != nil {
		return c.receivers
	}
	return nil
}
