//go:build integration

package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/network"
)

func TestReconnect_afterTheChatNodeWasKilled(t *testing.T) {
	s := start(t)
	p, friends := alone(t, s)
	p.say("before")
	p.hears("before")

	p.unplug(true)
	if err := s.chat.Kill(); err != nil {
		t.Fatal(err)
	}
	p.says("The connection is lost. Text is kept and sent later; pictures need the connection.")
	p.holds("nobody is called online", "document.querySelectorAll('[data-presence=unknown]').length === 6")
	p.say("meanwhile")
	if err := s.chat.Start(); err != nil {
		t.Fatal(err)
	}
	friends[0].say(t, "from a friend")

	p.reads(3)
	p.unplug(false)
	p.holds("the banner is gone", "document.querySelector('[data-connection=open]').hidden")
	p.holds("one knows again who is here", "document.querySelector('[data-me][data-presence=online]') && !document.querySelector('[data-presence=unknown]')")
	friends[1].say(t, "afterwards")
	seen := p.reads(4)
	if len(seen) != 4 || seen[0].Text != "before" || seen[3].Text != "afterwards" {
		t.Errorf("after the reconnect: %v, want each of the four once", seen)
	}
	agreesWithHistory(t, p, friends[0])
}

func TestOffline_whatIsWrittenIsSentOnce(t *testing.T) {
	p, friends := alone(t, start(t))
	p.unplug(true)
	p.offline(true)
	for i := range 3 {
		p.say(fmt.Sprint("written offline ", i))
	}
	p.holds("they wait", "document.querySelectorAll('[data-state=pending]').length === 3")
	friends[0].say(t, "nobody hears me there")

	p.offline(false)

	p.reads(4)
	p.unplug(false)
	agreesWithHistory(t, p, friends[0])
}

func TestTabs_showTheSame(t *testing.T) {
	p, friends := alone(t, start(t))
	q := p.tab("user1 again", read[string](p, "location.href"))
	q.inRoom()

	p.say("from the first")
	q.hears("from the first")
	q.say("from the second")
	p.hears("from the first", "from the second")
	friends[0].say(t, "to both")
	p.hears("from the first", "from the second", "to both")
	q.hears("from the first", "from the second", "to both")

	// Who leaves in one has left in the other.
	q.click("button", "Leave")
	q.click("button", "Leave the room")
	q.sees("heading", "What do you want to talk about?")
	p.holds("the first is told", "document.querySelector('textarea').disabled")
}

// offline takes the network away from a page, and its sockets with it.
func (p *page) offline(off bool) {
	p.t.Helper()
	call(p, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: off})
	call(p, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}},
	})
}

// agreesWithHistory checks that a page shows what is stored, in its order.
func agreesWithHistory(t *testing.T, p *page, f *friend) {
	t.Helper()
	history, err := f.History(t.Context(), f.room)
	if err != nil {
		t.Fatal(err)
	}
	var stored []line
	for _, m := range history {
		if m.Type == "TEXT" {
			stored = append(stored, line{int(m.Seq), m.Comment})
		}
	}
	if got := read[[]line](p, lines); fmt.Sprint(got) != fmt.Sprint(stored) {
		t.Errorf("%s sees %v, stored is %v", p.who, got, stored)
	}
}
