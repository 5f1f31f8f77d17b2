//go:build integration

package browser

import "testing"

func TestSettings_areAllSeenOnEachScreen(t *testing.T) {
	p := person(t, chromium(t), "user1", start(t).url+"/match/")
	p.holds("the style of rooms is there", later+`.every((url) => performance.getEntriesByName(url)[0]?.responseEnd > 0)`)
	p.click("button", "*Settings")
	for _, on := range []screen{desktop, phone} {
		p.dress("light", on)
		p.sees("switch", "Play a sound")
		p.sees("switch", "Blink in the window title")
	}
}
