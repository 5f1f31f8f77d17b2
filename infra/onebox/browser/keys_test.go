//go:build integration

package browser

import "github.com/chromedp/cdproto/input"

// key is one on a keyboard: what a page is told of it and, for some, the text that it writes.
type key struct {
	name string
	code int64 // as Windows counts
	text string
}

var (
	enter     = key{"Enter", 13, "\r"}
	space     = key{" ", 32, " "}
	tab       = key{"Tab", 9, ""}
	escape    = key{"Escape", 27, ""}
	backspace = key{"Backspace", 8, ""}
)

// press presses a key and lets it go. One event carries key and text, as those of a
// keyboard do: a page that prevents the one has prevented the other.
func (p *page) press(k key) {
	p.t.Helper()
	event := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: k.name, WindowsVirtualKeyCode: k.code, Text: k.text}
	call(p, input.DispatchKeyEvent, event)
	event.Type, event.Text = input.DispatchKeyEventTypeKeyUp, ""
	call(p, input.DispatchKeyEvent, event)
}
