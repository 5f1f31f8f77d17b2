//go:build integration

package app

import (
	"testing"

	"github.com/sixseat/sixseat/pkg/testenv"
)

// Redis is away for a while: what members send is accepted and delivered on all nodes
// all the time, to those who were there and to those who come meanwhile.
func TestNodes_goOnWithoutRedis(t *testing.T) {
	redis := testenv.StartRedis(t)
	nodes := startNodes(t, 3, realParts(t, redis))
	talkAcross(nodes)
	before := newTalk(nodes)
	before.say(0)
	if err := redis.Stop(); err != nil {
		t.Fatal(err)
	}
	before.say(1)
	for _, n := range nodes {
		eventually(t, "the bus is down", func() bool { return !n.app.bus.Up() })
	}
	before.say(2)
	meanwhile := newTalk(nodes)
	meanwhile.say(0)

	if err := redis.Start(); err != nil {
		t.Fatal(err)
	}
	before.say(1)
	for _, n := range nodes {
		eventually(t, "the bus is up again", n.app.bus.Up)
	}
	for i := range nodes {
		before.say(i)
		meanwhile.say(i)
	}
	talkAcross(nodes)
}
