//go:build integration

package browser

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// stops is how often Tab is pressed at most until something has the focus.
const stops = 60

// tabTo presses Tab until what has the focus is the one, and checks that one sees at each
// stop where it is.
func (p *page) tabTo(what, is string) {
	p.t.Helper()
	deadline := time.Now().Add(ceiling)
	for range stops {
		p.press(tab)
		if unseen := read[string](p, `(({activeElement: at}) => at === document.body || at.matches(':focus-visible') ? '' : at.outerHTML)(document)`); unseen != "" {
			p.t.Errorf("%s: nothing shows that this has the focus: %s", p.who, unseen)
		}
		if read[bool](p, "Boolean((at => "+is+")(document.activeElement))") {
			return
		}
		if time.Now().After(deadline) {
			break
		}
	}
	p.t.Fatalf("%s: Tab does not lead to %s", p.who, what)
}

// types writes into what has the focus.
func (p *page) types(text string) {
	p.t.Helper()
	call(p, input.InsertText, input.InsertTextParams{Text: text})
}

// named is an element by what it is called.
func named(label string) string {
	return fmt.Sprintf("at !== document.body && (at.ariaLabel ?? at.textContent).includes(%q)", label)
}

func TestKeyboard_alone(t *testing.T) {
	s := start(t)
	p := person(t, chromium(t), "user1", s.url+"/match/")
	p.holds("one may write at once", "document.activeElement.matches('#nickname')")
	p.types("user1")
	p.press(enter)
	p.sees("heading", "What do you want to talk about?")

	p.tabTo("the search", "at.type === 'search'")
	p.types(film)
	p.sees("button", "*"+film+"*")
	p.tabTo("the poster", named(film))
	p.press(enter)
	p.sees("button", "Stop waiting")
	p.tabTo("the button that ends it", named("Stop waiting"))
	p.press(space)
	p.sees("heading", "What do you want to talk about?")

	p.tabTo("the search", "at.type === 'search'")
	p.types(film)
	p.sees("button", "*"+film+"*")
	p.tabTo("the poster", named(film))
	p.press(enter)
	friends := fill(t, s, matchapi.Seats-1)
	p.inRoom()
	p.tabTo("where one writes", "at.matches('textarea')")
	p.types("by keyboard")
	p.press(enter)
	p.hears("by keyboard")
	friends[0].say(t, "and an answer")
	p.hears("by keyboard", "and an answer")

	p.tabTo("the button that leaves", named("Leave"))
	p.press(enter)
	p.tabTo("the one that means it", named("Leave the room"))
	p.press(enter)
	p.sees("heading", "What do you want to talk about?")
}

func TestKeyboard_aReconnectTakesNoFocus(t *testing.T) {
	s := start(t)
	p, _ := alone(t, s)
	p.unplug(true)
	if err := s.chat.Kill(); err != nil {
		t.Fatal(err)
	}
	p.says("Trying again in")
	p.must(p.evaluate(`new MutationObserver(() => (window.tried = true))
		.observe(document.querySelector('[data-connection]'), { attributeFilter: ['data-connection'] })`))
	p.tabTo("the button that tries", named("Try now"))
	p.press(enter)
	p.holds("it has tried, in vain", "window.tried && document.querySelector('[data-connection=waiting]')")
	p.holds("the button has the focus still", "document.activeElement.textContent === 'Try now'")
	if err := s.chat.Start(); err != nil {
		t.Fatal(err)
	}
	p.press(enter)
	p.holds("the connection is back", "document.querySelector('[data-connection=open]')")
	p.unplug(false)
	p.holds("the focus is where it is when one comes in", "document.activeElement.matches(matchMedia('(pointer: fine)').matches ? 'textarea' : 'h1')")
}

func TestKeyboard_EscapeClosesWhatIsInTheWay(t *testing.T) {
	p := person(t, chromium(t), "user1", start(t).url+"/match/")
	p.tabTo("the settings", named("Settings"))
	p.press(enter)
	p.sees("button", "Done")
	p.press(escape)
	p.holds("the dialog is gone", "!document.querySelector('dialog')")
	p.holds("the focus is back", "document.activeElement.id === 'settings'")
}
