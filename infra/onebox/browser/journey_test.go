//go:build integration

package browser

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

func TestJourney_sixGoTheWholeWay(t *testing.T) {
	url := start(t).url + "/match/"
	browser := chromium(t)
	people := make([]*page, matchapi.Seats)
	for i := range people {
		people[i] = person(t, browser, fmt.Sprint("user", i+1), url)
	}
	last := people[5]

	together(people, func(p *page) { p.signIn(p.who) })
	together(people[:5], (*page).wait)
	together(people[:5], func(p *page) {
		p.says("5 of 6 here")
		p.holds("five seats are taken", "document.querySelectorAll('.seats .taken').length === 5")
	})
	people[0].says("user5") // on a seat
	last.wait()
	together(people, (*page).inRoom)

	together(people, func(p *page) {
		for i := range 3 {
			p.say(fmt.Sprintf("%s says %d", p.who, i))
		}
	})
	together(people, func(p *page) { p.reads(18) })
	for _, p := range people[1:] {
		agrees(t, people[0], p)
	}
	together(people, func(p *page) { p.says("seen by all") })

	last.focus("textbox", "Your message")
	people[0].eventually("sees who types", func(ctx context.Context) error {
		call(last, input.InsertText, input.InsertTextParams{Text: "…"})
		text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.querySelector('[data-typing]').textContent"))
		if err == nil && text != "user6 is typing…" {
			err = fmt.Errorf("it says %q", text)
		}
		return err
	})
	last.click("button", "Leave")
	last.click("button", "Leave the room")
	last.sees("heading", "What do you want to talk about?")
	together(people[:5], func(p *page) {
		p.says("user6 left the room")
		p.holds("the seat is empty", "document.querySelectorAll('[data-presence=left]').length === 1")
	})
}
