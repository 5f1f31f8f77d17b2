package gateway

import (
	"testing"
	"time"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

// The connection is a stream: frames and WebSocket messages need not agree.
func TestMessages_areAStreamOfFrames(t *testing.T) {
	for what, send := range map[string]func(c *stomptest.Client, frame string){
		"one frame in a text message":   func(c *stomptest.Client, f string) { c.Message(stomptest.Text, true, []byte(f)) },
		"one frame in a binary message": func(c *stomptest.Client, f string) { c.Message(stomptest.Binary, true, []byte(f)) },
		"one octet a message": func(c *stomptest.Client, f string) {
			for i := range len(f) {
				c.Message(stomptest.Text, true, []byte(f[i:i+1]))
			}
		},
		"text and binary in turn": func(c *stomptest.Client, f string) {
			c.Message(stomptest.Text, true, []byte(f[:20]))
			c.Message(stomptest.Binary, true, []byte(f[20:40]))
			c.Message(stomptest.Text, true, []byte(f[40:]))
		},
		"one message in fragments, a ping between": func(c *stomptest.Client, f string) {
			c.Message(stomptest.Text, false, []byte(f[:10]))
			c.Message(stomptest.Ping, true, []byte("x"))
			c.Message(stomptest.Continuation, false, []byte(f[10:11]))
			c.Message(stomptest.Continuation, true, []byte(f[11:]))
		},
		"empty messages between": func(c *stomptest.Client, f string) {
			c.Raw("")
			c.Raw(f[:30])
			c.Raw("")
			c.Raw(f[30:])
		},
		"with what stompjs may add": func(c *stomptest.Client, f string) { c.Raw(f + "\n") },
	} {
		t.Run(what, func(t *testing.T) {
			bubble(t, 0, func(w *world) {
				id := w.room(1)
				c := w.connect(1)
				frame := "SEND\r\ndestination:/pub/chat/" + id + "\r\nreceipt:\xed\x95\x9c\\c1\r\n\r\n" + hello + "\x00"
				for _, seq := range []string{"2", "3"} {
					send(c, frame)
					c.Want("RECEIPT", "receipt-id:한:1", "seq:"+seq)
				}
			})
		})
	}
}

func TestMessages_severalFramesInOne(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.dial()
		send := "SEND\ndestination:/pub/chat/" + id + "\nreceipt:r\n\n" + hello + "\x00"
		c.Raw("\nCONNECT\naccept-version:1.2\nAuthorization:Bearer " + w.token(1, time.Hour) + "\n\n\x00" + send + "\n\n" + send + "DISCONNECT\nreceipt:bye\n\n\x00")
		c.Want("CONNECTED")
		c.Want("RECEIPT", "seq:2")
		c.Want("RECEIPT", "seq:3")
		c.Want("RECEIPT", "receipt-id:bye")
		c.WantClose(1000)
	})
}
