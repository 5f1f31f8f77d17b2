//go:build integration

package browser

import (
	"fmt"
	"testing"
)

func TestMember_becomesSomebodyElseInAllTabs(t *testing.T) {
	s := start(t)
	p, _ := alone(t, s)
	q := p.tab("user1 again", read[string](p, "location.href"))
	q.inRoom()
	p.must(p.evaluate(`{
		const {send} = WebSocket.prototype;
		window.sent = [];
		WebSocket.prototype.send = function (data) { sent.push(String(data)); return send.call(this, data); };
	}`))
	p.unplug(true)
	p.offline(true)
	p.say("not said by a stranger")
	p.holds("it waits", "document.querySelectorAll('[data-state=pending]').length === 1")

	p.click("button", "*Settings")
	p.click("button", "Be somebody else")
	p.click("button", "Start as somebody else")
	p.sees("textbox", "Your nickname")
	q.sees("textbox", "Your nickname")
	p.must(p.evaluate("sent.length = 0")) // a socket takes things also while the network is away

	p.offline(false)
	p.signIn("user2")
	p.unplug(false)
	q.sees("heading", "What do you want to talk about?")
	q.says("user2")
	p.wait()
	fill(t, s, 5)
	p.inRoom()
	p.say("by somebody else")
	p.hears("by somebody else")
	// All rooms share one socket, so the old one would have sent by now.
	if read[bool](p, "sent.some((frame) => frame.includes('not said by a stranger'))") {
		t.Error("what user1 wrote was sent with the token of user2")
	}
}

// In a room that one has left, or was never in, there is nothing to write or to leave.
func TestMember_isToldOfARoomThatIsNotTheirs(t *testing.T) {
	s := start(t)
	p, _ := alone(t, s)
	room := read[string](p, "location.hash")
	p.click("button", "Leave")
	p.click("button", "Leave the room")
	p.sees("heading", "What do you want to talk about?")
	p.unplug(true)

	p.must(p.evaluate("location.hash = " + fmt.Sprintf("%q", room)))

	p.says("You are not in this room, or no longer.")
	p.holds("nothing can be written or left", "document.querySelector('.composer').hidden && document.querySelector('.chathead > button:not(.switch)').hidden")
	p.click("button", "Films")
	p.sees("heading", "What do you want to talk about?")
	p.unplug(false)
}

func TestQuestion_goesWithItsScreen(t *testing.T) {
	s := start(t)
	p := person(t, chromium(t), "user1", s.url+"/match/")
	p.signIn(p.who)
	p.wait()
	p.says("1 of 6 here")
	p.click("link", "Films")
	p.write("searchbox", "Search", "Se7en")
	p.holds("it alone is found", "document.querySelectorAll('[data-movie]').length === 1")
	p.click("button", "Se7en, *")
	p.sees("button", "Wait for this one")

	fill(t, s, 5)
	p.inRoom()
	p.holds("nothing is asked any more", "!document.querySelector('dialog')")
}
