//go:build integration

package browser

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// line is one message as it stands on the screen.
type line struct {
	Seq  int
	Text string
}

// lines are the texts of a room as somebody sees them, top to bottom.
const lines = `[...document.querySelectorAll('[role=log] .message[data-seq]')].map((li) =>
	({Seq: Number(li.dataset.seq), Text: li.querySelector('p').innerText}))`

// said are the messages themselves, which the others see.
func (p *page) said() []string {
	p.t.Helper()
	var texts []string
	for _, l := range read[[]line](p, lines) {
		texts = append(texts, l.Text)
	}
	return texts
}

// say writes a message and sends it.
func (p *page) say(text string) {
	p.t.Helper()
	p.write("textbox", "Your message", text)
	p.press(enter)
}

// reads waits until somebody sees so many messages, and returns them.
func (p *page) reads(n int) (seen []line) {
	p.t.Helper()
	p.eventually(fmt.Sprintf("sees %d messages", n), func(ctx context.Context) (err error) {
		seen, err = chromedp.Run(ctx, chromedp.Evaluate[[]line](lines))
		if err == nil && len(seen) < n {
			err = fmt.Errorf("%d: %v", len(seen), seen)
		}
		return err
	})
	return seen
}

// hears waits until these messages, and no others, are there in this order.
func (p *page) hears(want ...string) {
	p.t.Helper()
	p.reads(len(want))
	if got := p.said(); !slices.Equal(got, want) {
		p.t.Fatalf("%s sees %q, want %q", p.who, got, want)
	}
}

// agrees checks that two see the same messages, and that they are numbered without a gap.
func agrees(t *testing.T, a, b *page) {
	t.Helper()
	mine, theirs := read[[]line](a, lines), read[[]line](b, lines)
	if !slices.Equal(mine, theirs) {
		t.Errorf("%s sees %v, %s sees %v", a.who, mine, b.who, theirs)
	}
	for i := 1; i < len(mine); i++ {
		if mine[i].Seq != mine[i-1].Seq+1 {
			t.Errorf("%s: after seq %d comes %d", a.who, mine[i-1].Seq, mine[i].Seq)
		}
	}
}
