package archive

import (
	"container/list"
	"sync"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// cache keeps the segments that were read last, up to a number of octets in memory.
type cache struct {
	most int64

	mu     sync.Mutex // guards what follows
	octets int64
	recent *list.List               // of *kept, the last read first
	kept   map[string]*list.Element // by object
}

type kept struct {
	object   string
	messages []chat.Message
	octets   int64
}

func newCache(most int64) *cache {
	return &cache{most: most, recent: list.New(), kept: map[string]*list.Element{}}
}

func (c *cache) get(object string) []chat.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.kept[object]
	if e == nil {
		return nil
	}
	c.recent.MoveToFront(e)
	return e.Value.(*kept).messages
}

func (c *cache) put(object string, messages []chat.Message) {
	octets := heldBy(messages)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept[object] != nil {
		return
	}
	c.kept[object] = c.recent.PushFront(&kept{object, messages, octets})
	for c.octets += octets; c.octets > c.most; {
		last := c.recent.Remove(c.recent.Back()).(*kept)
		delete(c.kept, last.object)
		c.octets -= last.octets
	}
}
