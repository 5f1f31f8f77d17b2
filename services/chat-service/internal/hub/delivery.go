package hub

import (
	"encoding/json"
	"sync"

	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Delivery is a message on its way to many listeners. What is expensive is made once:
// the JSON body, and the frame for all who share a key (clients of one library mostly
// use the same subscription ids).
type Delivery struct {
	chat.Message
	Body []byte // its JSON

	mu   sync.Mutex // guards last
	last *frame
}

// frame is what was made for a key.
type frame struct {
	key   any
	bytes []byte
}

func newDelivery(m chat.Message) *Delivery {
	body, err := json.Marshal(m)
	if err != nil { // strings, ints and times always marshal
		panic("hub: marshal message: " + err.Error())
	}
	return &Delivery{Message: m, Body: body}
}

// readDelivery reads the JSON of a message, which it keeps.
func readDelivery(body []byte) (*Delivery, error) {
	d := &Delivery{Body: body}
	if err := wire.Decode(body, &d.Message); err != nil {
		return nil, err
	}
	return d, nil
}

// Encoder makes the frame of a delivery.
type Encoder interface{ Encode(d *Delivery) []byte }

// Frame returns the frame for key, made by e unless the last listener had the
// same key. The bytes are shared and must not be changed.
func (d *Delivery) Frame(key any, e Encoder) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last == nil || d.last.key != key {
		d.last = &frame{key, e.Encode(d)}
	}
	return d.last.bytes
}
