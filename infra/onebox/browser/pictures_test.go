//go:build integration

package browser

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// drop lets a file fall onto the conversation: what the script makes.
const drop = `(async () => {
	const data = new DataTransfer();
	data.items.add(%s);
	document.querySelector('.conversation').dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));
})()`

// photo is a PNG of 640 x 480.
const photo = `await new Promise((done) => {
	const canvas = Object.assign(document.createElement('canvas'), {width: 640, height: 480});
	canvas.getContext('2d').fillRect(0, 0, 320, 480);
	canvas.toBlob((blob) => done(new File([blob], 'sea.png', {type: 'image/png'})), 'image/png');
})`

// held keeps uploads back until the page is told to let them go.
const held = `{
	const {send} = XMLHttpRequest.prototype;
	const waiting = [];
	window.letGo = () => waiting.forEach((start) => start());
	XMLHttpRequest.prototype.send = function (...given) { waiting.push(() => send.apply(this, given)); };
}`

func TestPictures_stayWithTheirRoom(t *testing.T) {
	p, friends := alone(t, start(t))
	room := read[string](p, "location.hash")
	elsewhere := func() { p.must(p.evaluate(lobby)); p.sees("heading", "What do you want to talk about?") }
	back := func() { p.must(p.evaluate(fmt.Sprintf("location.hash = %q", room))); p.inRoom() }
	const seen = "document.querySelector('[data-attachment] img').naturalWidth === 640"
	p.must(p.evaluate(held))

	p.must(p.evaluate(fmt.Sprintf(drop, photo)))
	p.write("textbox", "Your message", "the sea")
	elsewhere()
	back()
	p.holds("the chosen one is still there", seen)
	p.holds("with its caption", "document.querySelector('textarea').value === 'the sea'")

	p.focus("textbox", "Your message")
	p.press(enter)
	const goesUp = "document.querySelector('progress:not([hidden])') && document.querySelector('textarea').readOnly"
	p.holds("it goes up", goesUp)
	p.must(p.evaluate(fmt.Sprintf(drop, strings.Replace(photo, "sea", "second", 1))))
	p.says("A picture is still going up.")
	elsewhere()
	back()
	p.holds("it still goes up", goesUp+" && "+seen)

	elsewhere()
	p.must(p.evaluate("letGo()"))
	p.eventually("it is sent while one looks elsewhere", func(ctx context.Context) error {
		messages, err := friends[0].History(ctx, friends[0].room)
		if last := len(messages) - 1; err == nil && (messages[last].Type != "IMAGE" || messages[last].Comment != "the sea") {
			err = fmt.Errorf("the last message is %+v", messages[last])
		}
		return err
	})
	back()
	p.holds("the picture is there", "document.querySelector('[data-picture] img')?.naturalWidth === 640")
	p.hears("the sea")
	p.holds("nothing is left of the draft", "document.querySelector('[data-attachment]').hidden && document.querySelector('textarea').value === ''")
}

func TestPictures_areSeenByTheOthers(t *testing.T) {
	s := start(t)
	browser := chromium(t)
	p, q := person(t, browser, "user1", s.url+"/match/"), person(t, browser, "user2", s.url+"/match/")
	two := []*page{p, q}
	together(two, func(p *page) { p.signIn(p.who); p.wait() })
	fill(t, s, 4)
	together(two, func(p *page) { p.inRoom() })

	p.must(p.evaluate(fmt.Sprintf(drop, "new File(['<svg/>'], 'x.svg', {type: 'image/svg+xml'})")))
	p.says("A picture must be a JPEG, PNG, WebP or GIF file.")
	p.must(p.evaluate(fmt.Sprintf(drop, "new File(['no picture'], 'x.png', {type: 'image/png'})")))
	p.says("The picture is damaged, or of another kind than its name says.")
	p.holds("neither waits to be sent", "document.querySelector('[data-attachment]').hidden")

	p.must(p.evaluate(fmt.Sprintf(drop, photo)))
	p.holds("it is seen before it goes", "document.querySelector('[data-attachment] img').naturalWidth === 640")
	p.holds("its caption can be written", "document.activeElement === document.querySelector('textarea')")
	p.holds("it is read out", "[...document.querySelectorAll('.composer [role=status]')].some(({ textContent }) => textContent === 'sea.png is attached.')")
	p.dress("light", phone)
	p.holds("all where one writes is one line high", "new Set([...document.querySelectorAll('.composer .row > :is(button, textarea)')].map((one) => one.offsetHeight)).size === 1")
	p.dress("light", desktop)
	p.click("button", "Remove the picture")
	p.holds("it is gone", "document.querySelector('[data-attachment]').hidden")

	p.must(p.evaluate(fmt.Sprintf(drop, photo)))
	p.holds("it is seen before it goes", "document.querySelector('[data-attachment] img').naturalWidth === 640")
	p.say("the sea")
	for _, one := range two {
		one.holds("the picture is there", "document.querySelector('[data-picture] img')?.naturalWidth === 640")
		one.holds("in the place that was kept for it", `(() => {
			const {width, height} = document.querySelector('[data-picture]').getBoundingClientRect();
			return width === 320 && height === 240;
		})()`)
	}
	q.hears("the sea")
	q.click("button", "the sea")
	q.holds("it is large", "document.querySelector('dialog img')?.naturalWidth === 640 && document.querySelector('dialog img').getBoundingClientRect().width === 640")
	q.press(escape)
	q.holds("it is closed", "!document.querySelector('dialog')")

	p.must(p.evaluate(fmt.Sprintf(drop, strings.NewReplacer("640", "60", "480", "3000", "sea", "tower").Replace(photo))))
	p.holds("it is seen before it goes", "document.querySelector('[data-attachment] img').naturalHeight === 3000")
	p.say("the tower")
	p.holds("a tall one is whole and no flood", `(() => {
		const [, tower] = document.querySelectorAll('[data-picture]');
		return tower?.querySelector('img').offsetHeight === 320 && tower.offsetHeight === 320;
	})()`)

	p.must(p.evaluate("location.reload()"))
	p.inRoom()
	p.holds("it is fetched again", "document.querySelector('[data-picture] img')?.naturalWidth === 640")
	if found := p.axe(axeSource(t)); len(found) != 0 {
		t.Errorf("axe finds %+v", found)
	}
}
