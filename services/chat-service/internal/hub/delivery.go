package hub

import (
	"encoding/json"
	"sync"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Delivery is a message on its way to many listeners. What is expensive is made once:
// the JSON body, and the frame for all who share a key (clients of one library mostly
// use the same subscription ids).
type Delivery struct {
	Message chat.Message // without its Comment, which the Body has
	Body    []byte

	mu    sync.Mutex // guards what follows
	key   any
	frame []byte
}

func newDelivery(m chat.Message) *Delivery {
	body, err := json.Marshal(m)
	if err != nil { // strings, ints and times always marshal
		panic("hub: marshal message: " + err.Error())
	}
	m.Comment = "" // the tails of all rooms are much of what a node holds
	return &Delivery{Message: m, Body: body}
}

// Frame returns the frame for key, made by encode unless the last listener had the
// same key. The bytes are shared and must not be changed.
func (d *Delivery) Frame(key any, encode func(*Delivery) []byte) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.frame == nil || d.key != key {
		d.key, d.frame = key, encode(d)
	}
	return d.frame
}

// forgetFrame is called when all who listen have theirs: in the tail of each room, for the
// few who come back, frames would be most of what the tail holds.
func (d *Delivery) forgetFrame() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.key, d.frame = nil, nil
}
