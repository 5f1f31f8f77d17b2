//go:build integration

package browser

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// lobby is where a page goes while others talk.
const lobby = "location.hash = '#/films'"

func TestChat_unreadLineHistoryAndWhatIsNewBelow(t *testing.T) {
	p, friends := alone(t, start(t))
	room := read[string](p, "location.hash")
	p.must(p.evaluate(lobby))
	p.sees("heading", "What do you want to talk about?")
	const n = 60 // more than one page of history
	for i := range n {
		friends[i%len(friends)].say(t, fmt.Sprint("unread ", i))
	}

	p.must(p.evaluate(fmt.Sprintf("location.hash = %q", room)))
	p.inRoom()
	// All sixty are unread, fifty are there: the line moves up when the others are loaded, which
	// happens by itself where showing the line scrolled to the upper end.
	p.holds("the line is before the first that is there", "/unread (10|0)\\b/.test(document.querySelector('[data-divider] + li').innerText)")
	const place = "Math.round([...document.querySelectorAll('li.message')].find((li) => li.innerText.includes('unread 12')).getBoundingClientRect().top)"
	before := read[int](p, "document.querySelector('[role=log]').scrollTo(0, 1), "+place)
	p.reads(n)
	if after := read[int](p, place); after < before-2 || after > before+2 {
		t.Errorf("older messages moved what one reads from %d to %d", before, after)
	}
	p.holds("the line is before the first unread", "document.querySelector('[data-divider] + li').innerText.includes('unread 0')")
	p.holds("a day is named", "document.querySelector('[data-day]').innerText === 'Today'")

	friends[0].say(t, "and one more")
	p.click("button", "1 new message ↓")
	p.holds("the newest is on the screen", "document.querySelector('[data-jump]').hidden")
	if got, want := read[int](p, place), before; got >= want {
		t.Errorf("the list did not scroll: %d, before %d", got, want)
	}
}

func TestChat_whoTypesIsHereAndHasSeen(t *testing.T) {
	s := start(t)
	browser := chromium(t)
	p, q := person(t, browser, "user1", s.url+"/match/"), person(t, browser, "user2", s.url+"/match/")
	two := []*page{p, q}
	together(two, func(p *page) { p.signIn(p.who); p.wait() })
	friends := fill(t, s, 4)
	together(two, func(p *page) { p.inRoom() })

	p.say("who reads this?")
	p.holds("user2 has seen it", "document.querySelector('[data-mark=seen]')?.innerText === 'seen by user2'")
	q.write("textbox", "Your message", "x")
	p.holds("user2 types", "document.querySelector('[data-typing]').textContent === 'user2 is typing…'")
	q.press(enter)
	p.hears("who reads this?", "x")
	p.holds("nobody types any more", "document.querySelector('[data-typing]').textContent === ''")
	q.hears("who reads this?", "x")
	q.write("textbox", "Your message", "y")
	p.holds("user2 types again", "document.querySelector('[data-typing]').textContent === 'user2 is typing…'")
	p.holds("user2 has stopped", "document.querySelector('[data-typing]').textContent === ''")
	p.holds("both are online", "document.querySelectorAll('[data-presence=online]').length === 2")
	q.must(q.evaluate(lobby))
	p.holds("user2 is away", "document.querySelectorAll('[data-presence=online]').length === 1")

	friends[0].say(t, "while nobody looks here")
	p.holds("it is read out", "document.querySelector('[data-announcer]').innerText.includes('while nobody looks here')")
	p.holds("and history is not", "!document.querySelector('[data-announcer]').innerText.includes('who reads this?')")
}

func TestChat_whatIsTooFastIsSentInTheEnd(t *testing.T) {
	t.Setenv("LIMIT_SEND_RATE", "1") // three at once
	p, friends := alone(t, start(t))
	p.must(p.evaluate(`(() => {
		const input = document.querySelector('textarea');
		for (let i = 0; i < 6; i++) {
			input.value = 'fast ' + i;
			input.form.requestSubmit();
		}
	})()`))

	p.reads(6)
	p.holds("nothing is on its way any more", "document.querySelectorAll('[data-state]').length === 0")
	agreesWithHistory(t, p, friends[0])
}

func TestChat_whatFailedIsSentAgainOrDeleted(t *testing.T) {
	p, friends := alone(t, start(t))
	room := read[string](p, "location.hash")
	p.must(p.evaluate(lobby))
	p.sees("heading", "What do you want to talk about?")
	p.fails(room, "deleted", "sent again")
	p.must(p.evaluate(fmt.Sprintf("location.hash = %q", room)))
	p.inRoom()
	p.holds("both wait for a word", "document.querySelectorAll('[data-state=failed]').length === 2")

	p.must(p.evaluate("document.querySelector('[data-discard]').click()"))
	p.must(p.evaluate("document.querySelector('[data-retry]').click()"))

	p.hears("sent again")
	p.holds("nothing is on its way any more", "document.querySelectorAll('[data-state]').length === 0")
	agreesWithHistory(t, p, friends[0])
}

// fails leaves messages for a room that an earlier visit could not send.
func (p *page) fails(room string, texts ...string) {
	p.t.Helper()
	list, err := json.Marshal(texts)
	p.must(err)
	p.must(p.evaluate(fmt.Sprintf(`%s.forEach((text, i) => localStorage.setItem(
		['sixseat.unsent', JSON.parse(localStorage['sixseat.member']).memberId, %q.slice('#/rooms/'.length), 'key' + i].join('/'),
		JSON.stringify({ text, at: i, failed: true })))`, list, room)))
}

func TestChat_linksAreSafeAndNothingIsTooWide(t *testing.T) {
	p, friends := alone(t, start(t))
	p.dress("light", phone)
	friends[0].say(t, "see https://example.org/a_(b)?x=1, javascript:alert(1) and https://good.example@evil.example/ "+fmt.Sprintf("%0300d", 0))

	p.reads(1)
	link := read[map[string]string](p, `(({ href, target, rel, innerText }) => ({ href, target, rel, innerText }))(document.querySelector('li.message a'))`)
	want := map[string]string{"href": "https://example.org/a_(b)?x=1", "innerText": "https://example.org/a_(b)?x=1", "target": "_blank", "rel": "noopener noreferrer"}
	if fmt.Sprint(link) != fmt.Sprint(want) {
		t.Errorf("the link is %v, want %v", link, want)
	}
	if n := read[int](p, "document.querySelectorAll('li.message a').length"); n != 1 {
		t.Errorf("%d links, want the one that leads where it says", n)
	}
	if over := read[int](p, "Math.max(...['html', '[role=log]'].map((s) => document.querySelector(s)).map((n) => n.scrollWidth - n.clientWidth))"); over > 0 {
		t.Errorf("the page is %d pixels wider than the screen", over)
	}
}

func TestChat_whoHasSeenItDoesNotPressTheWords(t *testing.T) {
	s := start(t)
	browser := chromium(t)
	p := person(t, browser, "user1", s.url+"/match/")
	q, r := person(t, browser, "user2", s.url+"/match/"), person(t, browser, "user3", s.url+"/match/")
	p.dress("light", phone)
	nicknames := map[*page]string{p: "user1", q: strings.Repeat("W", 20), r: strings.Repeat("M", 20)}
	three := []*page{p, q, r}
	together(three, func(p *page) { p.signIn(nicknames[p]); p.wait() })
	fill(t, s, 3)
	together(three, func(p *page) { p.inRoom() })

	p.say("Shall we begin with the dance, or with what is in the suitcase and who it belongs to?")
	p.holds("both have seen it", "document.querySelectorAll('[data-mark=seen] bdi').length === 2")
	widths := read[map[string]int](p, `(() => {
		const width = () => document.querySelector('li.own.message p').offsetWidth;
		const seen = width();
		document.querySelector('[data-mark=seen]').replaceChildren();
		return { seen, unseen: width() };
	})()`)
	if widths["seen"] != widths["unseen"] || widths["seen"] < 250 {
		t.Errorf("the bubble is %d pixels wide, and %d once two have seen it; want the same, and most of a phone", widths["unseen"], widths["seen"])
	}
}

func TestChat_severalRooms(t *testing.T) {
	s := start(t)
	p, before := alone(t, s)
	p.must(p.evaluate(lobby))
	p.wait()
	now := fill(t, s, len(before))
	p.holds("the new room opens", fmt.Sprintf("location.hash === '#/rooms/%s'", now[0].room))
	p.inRoom()

	before[0].say(t, "are you still there?")

	unread := fmt.Sprintf("[data-room=%q] [data-unread]", before[0].room)
	p.holds("the other room says so", fmt.Sprintf("document.querySelector('%s')?.innerText === '1'", unread))
	p.must(p.evaluate(fmt.Sprintf("document.querySelector('nav [data-room=%q]').click()", before[0].room)))
	p.hears("are you still there?")
	p.say("in this one")
	p.hears("are you still there?", "in this one")
	agreesWithHistory(t, p, before[0])
	if gap := read[float64](p, "document.querySelector('.chathead').getBoundingClientRect().left - document.querySelector('nav.switcher').getBoundingClientRect().right"); gap < 8 {
		t.Errorf("the room begins %v pixels beside the list of rooms, want a gap", gap)
	}
	p.closesRooms()
}

// closesRooms checks all that closes the list of rooms on a phone.
func (p *page) closesRooms() {
	p.t.Helper()
	p.dress("light", phone)
	for what, do := range map[string]func(){
		"a tap beside it": func() { p.must(chromedp.Do(p.ctx, chromedp.MouseClickXY(200, 800))) },
		"Escape":          func() { p.press(escape) },
		"Tab out of it":   func() { p.tabTo("what comes after the list", named("Leave")) },
		"its own room":    func() { p.must(p.evaluate("document.querySelector('nav [aria-current]').focus()")); p.press(enter) },
	} {
		p.click("button", "Your rooms*")
		p.holds("the list is open", "document.activeElement.matches('nav.switcher a')")
		p.holds("the list hangs below its button and the button's outline", "document.querySelector('nav.switcher').getBoundingClientRect().top >= document.querySelector('button.switch').getBoundingClientRect().bottom + 5")
		do()
		p.holds(what+" closes the list", "getComputedStyle(document.querySelector('nav.switcher')).display === 'none'")
		p.holds(what+" leaves the focus somewhere", "document.activeElement !== document.body")
	}
}

func TestChat_tooManyWindowsAreToldInWords(t *testing.T) {
	t.Setenv("LIMIT_SESSIONS", "1")
	p, _ := alone(t, start(t))
	q := p.tab("user1 again", read[string](p, "location.href"))
	q.says("You have this open in too many windows.")
	q.holds("nothing can be written there", "document.querySelector('textarea').disabled")

	p.must(p.evaluate(lobby)) // its socket goes a few seconds later
	p.sees("heading", "What do you want to talk about?")
	q.holds("it works here now", `(document.querySelector('[data-connection=stopped] button:not([hidden])')?.click(), !document.querySelector('textarea').disabled && document.querySelector('[data-connection=open]') !== null)`)
	q.say("here now")
	q.hears("here now")
}
