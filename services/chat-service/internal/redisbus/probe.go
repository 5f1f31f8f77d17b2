package redisbus

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// kindProbe marks what a node sends to its own channel, to see how long the bus takes.
const kindProbe = '?'

// ownRoom is the name under which this node hears itself. No room has it: rooms are not
// named by this node's id.
func (b *Bus) ownRoom() string { return b.node.String() }

// probe sends the time to this node's own channel.
func (b *Bus) probe() {
	b.Send(b.ownRoom(), kindProbe, binary.BigEndian.AppendUint64(nil, uint64(time.Since(b.began))))
}

// probed takes a probe that came back. The clock is this process's own and only rises.
func (b *Bus) probed(data string) {
	items, err := unpack(uuid.Nil, data)
	if err != nil {
		b.counted.malformed.Inc()
		return
	}
	for _, i := range items {
		if i.kind == kindProbe && len(i.payload) == 8 {
			sent := time.Duration(binary.BigEndian.Uint64(i.payload))
			b.counted.lag.Observe((time.Since(b.began) - sent).Seconds())
		}
	}
}
