//go:build integration

package browser

import (
	"fmt"
	"strings"
	"testing"
)

// frames are the commands in the console's list, oldest first.
const frames = `[...document.querySelectorAll('ol.frames li')].map((li) => li.dataset.direction + ' ' + (li.dataset.command ?? li.innerText))`

func TestConsole_connectsSubscribesAndSends(t *testing.T) {
	s := start(t)
	friends := fill(t, s, 6)
	p := person(t, chromium(t), "developer", s.url+"/match/console")
	p.write("textbox", "Member token", friends[0].Token)
	p.click("button", "Connect")
	p.says("Connected")

	p.put("textbox", "Destination", "/topic/"+friends[0].room)
	p.write("textbox", "last-seq", "0")
	p.press(enter)
	p.says("seq 6") // that of the sixth who came in

	p.put("textbox", "Headers, one a line", fmt.Sprintf("destination:/pub/chat/%s\nreceipt:r1", friends[0].room))
	p.put("textbox", "Body", `{"type":"TEXT","comment":"from the console"}`)
	p.click("button", "Send frame")
	p.says("seq 7")
	p.holds("the receipt came", "document.querySelector('[data-command=RECEIPT] .to').innerText === 'sub-1'")

	p.write("searchbox", "Filter", "from the console")
	p.holds("two frames have it", "document.querySelectorAll('ol.frames li').length === 2")
	p.must(p.evaluate("document.querySelectorAll('ol.frames summary')[1].click()"))
	p.says(`"comment": "from the console"`)
	if strings.Contains(read[string](p, "document.body.innerText"), friends[0].Token[:40]) {
		t.Error("a token stands on the screen")
	}

	// A broken frame is sent as it is, and the server says what it thinks of it.
	p.put("searchbox", "Filter", "")
	p.click("DisclosureTriangle", "Raw text")
	p.put("textbox", "Raw text; ^@ stands for NUL", "NONSENSE\n\n^@")
	p.click("button", "Send text")
	p.says("Closed with 1002")
	seen := read[[]string](p, frames)
	if tail := seen[len(seen)-3:]; tail[0] != "out NONSENSE" || tail[1] != "in ERROR" || !strings.Contains(tail[2], "Closed with 1002") {
		t.Errorf("the last three are %q, want what was sent, an ERROR and the close", tail)
	}

	friends[1].say(t, "meanwhile")
	p.click("button", "New member") // somebody else, who is not in the room
	p.says("The token is that of a new member")
	p.put("textbox", "Member token", friends[0].Token)
	p.click("button", "Connect")
	p.says("Connected")
	p.click("button", "Resume")
	p.says("seq 8")

	p.click("button", "Disconnect")
	p.says("Closed with 1000")
}

func TestConsole_pausesAndClears(t *testing.T) {
	s := start(t)
	p := person(t, chromium(t), "developer", s.url+"/match/console")
	p.click("button", "New member")
	p.says("The token is that of a new member")
	p.click("button", "Connect")
	p.says("Connected")

	p.click("button", "Pause")
	p.click("button", "Subscribe") // to the errors, which the field proposes
	p.sees("button", "Go on (2 new)")
	p.holds("they are not shown", "document.querySelectorAll('ol.frames li').length === 2")
	p.click("button", "Go on (2 new)")
	p.holds("they are shown", "document.querySelectorAll('ol.frames li').length === 4")
	p.click("button", "Clear")
	p.holds("nothing is left", "document.querySelectorAll('ol.frames li').length === 0")
}
