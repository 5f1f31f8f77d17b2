//go:build integration

package browser

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
)

func TestMessage_2000CharactersGo2001AreRefusedInWords(t *testing.T) {
	p, friends := alone(t, start(t))
	long := strings.Repeat("영화🎬", 666) + "!!" // 2,000 code points; more octets and UTF-16 units

	p.say(long + "!")
	p.says("1 character too long")
	p.press(backspace)
	p.press(enter)
	p.hears(long)

	friends[0].say(t, "after that")
	p.hears(long, "after that")
}

func TestScript_isShownAndNotRun(t *testing.T) {
	const evil = `<img src=x onerror="window.ran = true"><script>window.ran = true</script>`
	const name = `<img/src/onerror=a>` // an exception, if it is one
	s := start(t)
	browser := chromium(t)
	p, q := person(t, browser, "user1", s.url+"/match/"), person(t, browser, "user2", s.url+"/match/")
	p.signIn(name)
	q.signIn(q.who)
	p.wait()
	q.wait()
	fill(t, s, 4)
	p.inRoom()
	q.inRoom()

	p.say(evil)

	for _, reader := range []*page{p, q} {
		reader.hears(evil)
		if read[bool](reader, "window.ran !== undefined || document.querySelector('main img[src], main script') !== null") {
			t.Errorf("%s: the script has run, or became elements", reader.who)
		}
	}
	q.says(name)
}

func TestMessage_fromRightToLeftPointsToItsWriter(t *testing.T) {
	p, friends := alone(t, start(t))
	p.say("אני אומר משהו")
	friends[0].say(t, "وأنا أيضا")
	p.hears("אני אומר משהו", "وأنا أيضا")
	const corners = `[...document.querySelectorAll('.message p')].map((text) => getComputedStyle(text)).
		map((style) => [style.direction, style.borderBottomLeftRadius, style.borderBottomRightRadius].join(' '))`
	if got, want := read[[]string](p, corners), []string{"rtl 16px 4.8px", "rtl 4.8px 16px"}; !slices.Equal(got, want) {
		t.Errorf("the corners at the bottom, left and right, are %q, want %q", got, want)
	}
}

// A composition is what an input method shows before it is sure of a syllable.
func TestComposition_isNotSentHalfDone(t *testing.T) {
	p, _ := alone(t, start(t))
	p.focus("textbox", "Your message")
	for _, syllables := range []string{"ㅎ", "하", "한", "한ㄱ", "한그", "한글"} {
		call(p, input.ImeSetComposition, input.ImeSetCompositionParams{Text: syllables, SelectionStart: int64(len([]rune(syllables))), SelectionEnd: int64(len([]rune(syllables)))})
	}

	// Enter takes the composition: while it lasts a browser gives this key the code 229.
	p.press(key{"Enter", 229, ""})
	if got := p.value(); got != "한글" {
		t.Errorf("in the middle of the composition Enter left %q where one writes, want 한글", got)
	}
	call(p, input.InsertText, input.InsertTextParams{Text: "한글"}) // the input method is sure
	p.press(enter)

	p.hears("한글")
	if got := p.value(); got != "" {
		t.Errorf("%q is left where one writes", got)
	}
}

// value is what stands where one writes a message.
func (p *page) value() string {
	p.t.Helper()
	return read[string](p, "document.querySelector('textarea').value")
}
