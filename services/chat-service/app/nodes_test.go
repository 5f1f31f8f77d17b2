package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

func TestNodes_onEmbeddedStores(t *testing.T) { talkAcross(startNodes(t, 2, embeddedParts(t))) }

// startNodes starts n nodes that hear each other.
func startNodes(t *testing.T, n int, parts func() Parts) []*node {
	t.Helper()
	seed, nodes := token.NewSeed(), make([]*node, n)
	for i := range nodes {
		nodes[i] = start(t, seed, parts())
		eventually(t, "the bus is up", nodes[i].app.bus.Up)
	}
	return nodes
}

// talk is a room with a member on each node, who all listen.
type talk struct {
	nodes   []*node
	roomID  string
	clients []*stomptest.Client
	seq     int // the room's last
}

func newTalk(nodes []*node) *talk {
	c := &talk{nodes: nodes, roomID: uuid.NewString(), seq: len(nodes)}
	for i, n := range nodes {
		if a := n.enter(c.roomID, i+1); a.StatusCode >= http.StatusMultipleChoices {
			n.Fatal(a.Status, string(a.body))
		}
	}
	for i, n := range nodes {
		client := n.dial(fmt.Sprint("member", i+1), "/chat/ws")
		client.Send("SUBSCRIBE", "", "id:1", "destination:"+chatapi.TopicPrefix+c.roomID, fmt.Sprint("last-seq:", c.seq), "receipt:s")
		client.Want("RECEIPT")
		c.clients = append(c.clients, client)
	}
	return c
}

// say sends a message through one node, and everybody hears it next.
func (c *talk) say(through int) {
	c.nodes[0].Helper()
	c.seq++
	seq := fmt.Sprint("seq:", c.seq)
	c.clients[through].Send("SEND", fmt.Sprintf(`{"type":"TEXT","comment":"message %d"}`, c.seq), "destination:"+chatapi.ChatPrefix+c.roomID)
	for i, client := range c.clients {
		var m chatapi.Message
		f := client.Want("MESSAGE", seq)
		if err := json.Unmarshal([]byte(f.Body), &m); err != nil || m.Comment != fmt.Sprint("message ", c.seq) {
			c.nodes[i].Errorf("node %d: %v, %v", i, f, err)
		}
	}
}

func talkAcross(nodes []*node) {
	c := newTalk(nodes)
	for i := range 20 {
		c.say(i % len(nodes))
	}
	for i, n := range nodes {
		page := into[chatapi.Messages](n, n.call(fmt.Sprint("member", i+1), "GET", "/chat/rooms/"+c.roomID+"/messages", ""), http.StatusOK)
		if len(page.Items) != c.seq || page.Items[c.seq-1].Seq != int64(c.seq) {
			n.Errorf("node %d has %d messages, want %d", i, len(page.Items), c.seq)
		}
	}
}
