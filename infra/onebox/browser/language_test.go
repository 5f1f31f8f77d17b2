//go:build integration

package browser

import (
	"regexp"
	"testing"
)

// hangul is a letter of it.
var hangul = regexp.MustCompile(`\p{Hangul}`)

func TestLanguage_isSwitchedAndKept(t *testing.T) {
	s := start(t)
	p := person(t, chromium(t), "user1", s.url+"/match/")
	p.click("button", "*Settings")
	p.click("radio", "한국어")

	p.sees("heading", "설정")
	p.holds("the page says so", "document.documentElement.lang === 'ko'")
	p.press(escape)
	p.sees("textbox", "닉네임")
	p.visit(s.url + "/match/")
	p.sees("textbox", "닉네임")

	// In the other language nothing is left of the first, among the films either.
	p.write("textbox", "닉네임", "user1")
	p.press(enter)
	p.holds("the films are there", "document.querySelectorAll('button.poster').length > 1")
	for _, label := range read[[]string](p, `[...document.querySelectorAll('h1, h2, label, main button:not(.poster)')].map((node) => node.innerText.trim()).filter(Boolean)`) {
		if !hangul.MatchString(label) {
			t.Errorf("%q is not Korean", label)
		}
	}

	other := p.tab("another tab", s.url+"/match/")
	other.holds("it is Korean as well", "document.documentElement.lang === 'ko'")
	p.click("button", "*설정")
	p.click("radio", "English")
	p.press(escape)
	p.sees("heading", "What do you want to talk about?")
	other.sees("heading", "What do you want to talk about?")
}
