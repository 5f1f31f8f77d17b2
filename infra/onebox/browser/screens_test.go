//go:build integration

package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// tour shows each screen of the page, with something on it.
func tour(t *testing.T, visit func(screen string, p *page)) {
	t.Helper()
	s := start(t)
	p := person(t, chromium(t), "user1", s.url+"/match/")
	p.dress("light", desktop)
	p.sees("textbox", "Your nickname")
	visit("welcome", p)

	p.signIn("user1")
	join(t, s, "se7en-1995", "mia", "vincent", "jules", "butch")
	friends := join(t, s, filmID, company[:2]...)
	p.must(chromedp.Do(p.ctx, chromedp.Navigate(s.url+"/match/")))
	p.says("4 of 6")
	visit("lobby", p)

	p.click("button", "*Settings")
	p.sees("button", "Done")
	visit("settings", p)
	p.click("button", "Done")
	p.write("searchbox", "Search", "no film is called that")
	p.says("No film fits")
	visit("lobby, nothing found", p)
	p.put("searchbox", "Search", "")

	p.wait()
	friends = append(friends, join(t, s, filmID, company[2])...)
	p.says("4 of 6 here")
	visit("waiting", p)

	friends = append(friends, join(t, s, filmID, company[3:]...)...)
	seat(t, friends)
	p.inRoom()
	p.play(friends)
	visit("chat", p)
	tourOfTrouble(p, visit)

	p.must(p.evaluate(lobby))
	p.put("searchbox", "Search", "Se7en")
	p.holds("it alone is found", "document.querySelectorAll('[data-movie]').length === 1")
	p.click("button", "Se7en, *")
	join(t, s, "se7en-1995", "marsellus")
	p.sees("heading", "Se7en")
	p.holds("both rooms are there", "document.querySelectorAll('nav [data-room]').length === 2")
	visit("chat, several rooms", p)

	p.visit(s.url + "/match/console")
	p.click("button", "Use mine")
	p.holds("the token is there", "document.querySelector('#token').value")
	p.click("button", "Connect")
	p.says("Connected")
	p.put("textbox", "Destination", "/topic/"+friends[0].room)
	p.write("textbox", "last-seq", "0")
	p.press(enter)
	p.says("seq 12")
	visit("console", p)

	p.visit(s.url + "/match/docs")
	visit("docs", p)
	p.visit(s.url + "/chat/docs")
	visit("docs-chat", p)
}

// tourOfTrouble shows what a room looks like while something is the matter.
func tourOfTrouble(p *page, visit func(screen string, p *page)) {
	p.t.Helper()
	p.click("button", "Leave")
	p.sees("button", "Leave the room")
	visit("chat, a question", p)
	p.press(escape)

	p.unplug(true)
	p.offline(true)
	p.says("The connection is lost.")
	visit("chat, no connection", p)
	p.offline(false)
	p.holds("the connection is back", "document.querySelector('[data-connection=open]')")
	p.unplug(false)

	room := read[string](p, "location.hash")
	p.must(p.evaluate(lobby))
	p.sees("heading", "Your rooms")
	visit("lobby, with rooms", p)
	p.fails(room, "not sent")
	p.must(p.evaluate(fmt.Sprintf("location.hash = %q", room)))
	p.inRoom()
	p.says("not sent")
	visit("chat, a failed message", p)
}

// visit goes to another address.
func (p *page) visit(url string) {
	p.t.Helper()
	p.must(chromedp.Do(p.ctx, chromedp.Navigate(url)))
}

// screen is the size of one.
type screen struct {
	name          string
	width, height int64
}

var (
	desktop = screen{"desktop", 1280, 800}
	phone   = screen{"phone", 390, 844}
)

// inEachLook does something in both colours on both sizes, and ends as it began.
func (p *page) inEachLook(do func(scheme string, on screen)) {
	p.t.Helper()
	for _, on := range []screen{phone, desktop} {
		for _, scheme := range []string{"light", "dark"} {
			p.dress(scheme, on)
			do(scheme, on)
		}
	}
	p.dress("light", desktop)
}

// dress gives a page colours and a size. Nothing moves, so that nothing is half-way.
func (p *page) dress(scheme string, on screen) {
	p.t.Helper()
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	p.must(chromedp.Do(p.ctx, chromedp.EmulateViewport(on.width, on.height)))
}
