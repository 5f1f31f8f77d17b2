//go:build integration

package browser

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "where TestScreenshots puts pictures of each screen; make screenshots says where")

// pictured are the screens of the tour that have pictures: none of what is the matter for a
// while, and the docs of one service, as those of the other look the same.
var pictured = []string{"welcome", "lobby", "settings", "waiting", "chat", "console", "docs"}

func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("make screenshots takes pictures; the other tests look at the same screens")
	}
	take := func(name string, p *page) {
		p.inEachLook(func(scheme string, on screen) {
			p.shoot(fmt.Sprintf("%s-%s-%s.png", name, on.name, scheme))
		})
	}
	tour(t, func(name string, p *page) {
		if !slices.Contains(pictured, name) {
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
