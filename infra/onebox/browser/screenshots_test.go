//go:build integration

package browser

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "where TestScreenshots puts pictures of each screen; make screenshots says where")

func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("make screenshots takes pictures; the other tests look at the same screens")
	}
	take := func(name string, p *page) {
		for _, on := range []screen{phone, desktop} {
			for _, scheme := range []string{"light", "dark"} {
				p.dress(scheme, on)
				p.shoot(fmt.Sprintf("%s-%s-%s.png", name, on.name, scheme))
			}
		}
		p.dress("light", desktop)
	}
	tour(t, func(name string, p *page) {
		if name == "docs-chat" { // it looks as the other one does
			return
		}
		take(name, p)
		if name == "lobby" { // the one that is also shown in Korean
			p.speak("한국어")
			p.dress("light", phone)
			p.shoot("lobby-korean-phone-light.png")
			p.dress("light", desktop)
			p.speak("English")
		}
	})
}

// shoot takes a picture of what the window shows.
func (p *page) shoot(name string) {
	p.t.Helper()
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	p.must(err)
	p.must(os.WriteFile(filepath.Join(*screenshots, name), picture, 0o644))
}

// speak chooses a language in the settings.
func (p *page) speak(language string) {
	p.t.Helper()
	p.must(p.evaluate("document.querySelector('#settings').click()"))
	p.click("radio", language)
	p.press(escape)
	p.holds("the settings are gone", "!document.querySelector('dialog')")
}
