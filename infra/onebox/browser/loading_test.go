//go:build integration

package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// later are the addresses of what the page fetches after its first sight.
const later = `[...document.querySelector('#later').content.querySelectorAll('link')].map((link) => new URL(link.getAttribute('href'), document.baseURI).href)`

func TestLoading_whatIsNotSeenFirstComesLater(t *testing.T) {
	p := person(t, chromium(t), "user1", start(t).url+"/match/")
	p.sees("textbox", "Your nickname")
	p.holds("all of it is there", later+`.every((url) => performance.getEntriesByName(url)[0]?.responseEnd > 0)`)

	const fetched = `performance.getEntriesByType('resource').filter(({ name }) => name.includes('/match/assets/') && !name.endsWith('/icon.svg'))` // when it likes
	const loaded = `performance.getEntriesByType('navigation')[0].loadEventStart`
	if early := read[[]string](p, later+`.filter((url) => performance.getEntriesByName(url)[0].startTime < `+loaded+`)`); len(early) > 0 {
		t.Errorf("fetched before the first screen is there: %q", early)
	}
	if unnamed := read[[]string](p, fetched+`.filter(({ startTime }) => startTime > `+loaded+`).map(({ name }) => name).filter((url) => !`+later+`.includes(url))`); len(unnamed) > 0 {
		t.Errorf("fetched later, in a round of their own: %q", unnamed)
	}
}

// intercept stops each request for a file that the page makes from now on, cached or not.
func (p *page) intercept(pattern string) <-chan fetch.RequestID {
	p.t.Helper()
	stopped := make(chan fetch.RequestID, 10)
	p.must(chromedp.Listen(p.ctx, func(event any) {
		if e, ok := event.(*fetch.EventRequestPaused); ok {
			stopped <- e.RequestID
		}
	}))
	call(p, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	call(p, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: pattern}}})
	return stopped
}

func TestLoading_aRoomIsNotSeenBeforeItLooksAsItShould(t *testing.T) {
	s := start(t)
	p, _ := alone(t, s)
	room := read[string](p, "location.hash")
	style := p.intercept("*/chat.css")
	p.visit(s.url + "/match/console")
	p.visit(s.url + "/match/")
	held := <-style
	p.must(p.evaluate(`new MutationObserver(() => {
		const chat = document.querySelector('.chat');
		if (chat) window.looked ??= getComputedStyle(chat).display;
	}).observe(document.body, { childList: true, subtree: true }); location.hash = ` + fmt.Sprintf("%q", room)))
	p.holds("all but its style is there", later+`.every((url) => url.endsWith('.css') || performance.getEntriesByName(url)[0]?.responseEnd > 0)`)

	call(p, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: held})

	p.inRoom()
	if got := read[string](p, "window.looked"); got != "flex" {
		t.Errorf("when the room was seen first it was laid out as %s, want flex", got)
	}
}

// without opens the page anew, while the connection breaks that would bring one of its files.
func (p *page) without(file, url string) {
	p.t.Helper()
	p.unplug(true)
	requests := p.intercept("*/" + file)
	p.visit(url + "console")
	p.visit(url)
	call(p, fetch.FailRequest, fetch.FailRequestParams{RequestID: <-requests, ErrorReason: network.ErrorReasonConnectionReset})
	call(p, fetch.Disable, struct{}{})
}

func TestLoading_theWaitingRoomIsFetchedAgain(t *testing.T) {
	url := start(t).url + "/match/"
	p := person(t, chromium(t), "user1", url)
	p.signIn("user1")
	p.without("waiting.js", url)

	p.wait()

	p.says("1 of 6 here")
	p.unplug(false)
}

func TestLoading_aRoomIsFetchedAgain(t *testing.T) {
	for _, file := range []string{"chat/chat.css", "chat/log.js"} {
		t.Run(file, func(t *testing.T) {
			s := start(t)
			p, _ := alone(t, s)
			room := read[string](p, "location.hash")
			p.without(file, s.url+"/match/")
			p.must(p.evaluate("location.hash = " + fmt.Sprintf("%q", room)))

			p.inRoom()

			p.holds("it looks as it should", "getComputedStyle(document.querySelector('.chat')).display === 'flex'")
			p.unplug(false)
		})
	}
}

// block has requests for a file fail, or lets them through again.
func (p *page) block(files ...string) {
	p.t.Helper()
	patterns := []*network.BlockPattern{}
	for _, file := range files {
		patterns = append(patterns, &network.BlockPattern{URLPattern: "http://*:*/*/" + file, Block: true})
	}
	call(p, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	call(p, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: patterns})
}

// Six are together while a part of the room cannot be had: one is told, and sits there by
// itself when it can. The same goes for who comes by a link.
func TestLoading_aRoomOpensByItselfOnceItCan(t *testing.T) {
	s := start(t)
	p, _ := alone(t, s)
	room := read[string](p, "location.hash")
	p.unplug(true)
	p.visit(s.url + "/match/console")
	p.block("chat/log.js")

	p.visit(s.url + "/match/" + room)

	p.sees("heading", "One moment …")
	p.says("The server cannot be reached")
	p.sees("button", "Load the page again")
	p.block()
	p.inRoom()
	p.holds("what failed is asked for once", "document.querySelectorAll('link[rel=stylesheet]').length === new Set([...document.querySelectorAll('link[rel=stylesheet]')].map(({ href }) => href)).size")
	p.unplug(false)
}

// A node of another version may answer during a deploy: what it gives for a file has not what
// ours has.
func TestLoading_aFileOfAnotherVersionIsToldApart(t *testing.T) {
	s := start(t)
	p, _ := alone(t, s)
	room := read[string](p, "location.hash")
	p.unplug(true)
	p.visit(s.url + "/match/console")
	requests := p.intercept("*/sixseat/tray.js")
	p.visit(s.url + "/match/" + room)
	call(p, fetch.FulfillRequest, fetch.FulfillRequestParams{
		RequestID: <-requests, ResponseCode: 200, Body: []byte("export {}"),
		ResponseHeaders: []*fetch.HeaderEntry{{Name: "Content-Type", Value: "text/javascript"}},
	})
	call(p, fetch.Disable, struct{}{})

	p.says("This page has changed meanwhile")
	p.click("button", "Load the page again")

	p.inRoom()
	p.unplug(false)
}

// Who goes back before the waiting room is here is left alone when it comes.
func TestLoading_whoWentBackIsLeftThere(t *testing.T) {
	url := start(t).url + "/match/"
	p := person(t, chromium(t), "user1", url)
	p.signIn("user1")
	p.visit(url + "console")
	requests := p.intercept("*/waiting.js")
	p.visit(url)
	held := <-requests
	p.wait()
	p.sees("heading", "One moment …")
	p.click("link", "Films")
	p.sees("heading", "What do you want to talk about?")
	p.must(p.evaluate("window.wall = document.querySelector('.lobby')"))

	call(p, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: held})

	p.holds("it is here", "performance.getEntriesByType('resource').some(({ name, responseEnd }) => name.endsWith('/waiting.js') && responseEnd > 0)")
	p.holds("the films stay", "document.querySelector('.lobby') === window.wall")
}

func TestLoading_whatIsUnsentIsSentThoughNobodyOpensItsRoom(t *testing.T) {
	s := start(t)
	p, friends := alone(t, s)
	p.must(p.evaluate(fmt.Sprintf(`localStorage.setItem('sixseat.unsent/' + JSON.parse(localStorage.getItem('sixseat.member')).memberId + '/%s/key', JSON.stringify({ text: 'from the last visit', at: Date.now() }))`, friends[0].room)))
	p.visit(s.url + "/match/console")

	p.visit(s.url + "/match/")

	p.sees("heading", "What do you want to talk about?")
	p.holds("it is stored", "Object.keys(localStorage).every((key) => !key.includes('unsent'))")
	history, err := friends[0].History(t.Context(), friends[0].room)
	if err != nil {
		t.Fatal(err)
	}
	if last := history[len(history)-1]; last.Comment != "from the last visit" {
		t.Errorf("the room's last message is %+v, want the unsent one", last)
	}
}
