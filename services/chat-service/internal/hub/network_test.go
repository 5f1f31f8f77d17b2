package hub

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// network carries payloads between the hubs of a test, as badly as fate says.
type network struct {
	fate func() []time.Duration // when each copy of a payload arrives; none: it is lost

	mu    sync.Mutex // guards what follows, and all nodes
	nodes []*node
	up    bool
	joins int
	sent  int
}

// node is one hub's Bus.
type node struct {
	net      *network
	joined   map[string][]*func([]byte)
	watchers []func(bool)
	gate     chan struct{} // when set, each Join waits for a receive
}

func newNetwork() *network {
	return &network{up: true, fate: func() []time.Duration { return []time.Duration{time.Millisecond} }}
}

// hubs starts n hubs on one store, each with a node of the network.
func (net *network) hubs(s Store, n int) []*Hub {
	list := make([]*Hub, n)
	for i := range list {
		b := &node{net: net, joined: map[string][]*func([]byte){}}
		net.nodes = append(net.nodes, b)
		list[i] = New(s, b, slog.New(slog.DiscardHandler))
	}
	return list
}

func (net *network) turn(up bool) {
	net.mu.Lock()
	defer net.mu.Unlock()
	net.up = up
	for _, b := range net.nodes {
		for _, changed := range b.watchers {
			changed(up)
		}
	}
}

func (b *node) Join(ctx context.Context, roomID string, _ byte, receive func([]byte)) (leave func(), err error) {
	if b.gate != nil {
		select {
		case <-b.gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	b.net.mu.Lock()
	defer b.net.mu.Unlock()
	b.net.joins++
	mine := &receive
	b.joined[roomID] = append(b.joined[roomID], mine)
	return func() {
		b.net.mu.Lock()
		defer b.net.mu.Unlock()
		b.joined[roomID] = slices.DeleteFunc(b.joined[roomID], func(other *func([]byte)) bool { return other == mine })
	}, nil
}

// Flush does nothing: what is held may go before it, and goes at once here.
func (b *node) Flush() {}

func (b *node) Hold(roomID string, _ byte, payload []byte) {
	b.net.mu.Lock()
	defer b.net.mu.Unlock()
	if !b.net.up {
		return
	}
	b.net.sent++
	for _, other := range b.net.nodes {
		if other == b {
			continue
		}
		for _, after := range b.net.fate() {
			time.AfterFunc(after, func() { other.arrive(roomID, payload) })
		}
	}
}

func (b *node) arrive(roomID string, payload []byte) {
	b.net.mu.Lock()
	receivers := slices.Clone(b.joined[roomID])
	b.net.mu.Unlock()
	for _, receive := range receivers {
		(*receive)(payload)
	}
}

func (b *node) Up() bool {
	b.net.mu.Lock()
	defer b.net.mu.Unlock()
	return b.net.up
}

func (b *node) OnChange(changed func(bool)) {
	b.net.mu.Lock()
	defer b.net.mu.Unlock()
	b.watchers = append(b.watchers, changed)
}

// rooms is how many rooms a node has joined.
func (b *node) rooms() (n int) {
	b.net.mu.Lock()
	defer b.net.mu.Unlock()
	for _, receivers := range b.joined {
		n += len(receivers)
	}
	return n
}
