//go:build integration

package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// call runs a command of the protocol on a page.
func call[P, R any](p *page, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, ceiling)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	p.must(err)
	return result
}

// read is the value of an expression in the page.
func read[T any](p *page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, ceiling)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	p.must(err)
	return value
}

// holds waits until an expression in the page is true.
func (p *page) holds(what, expression string) {
	p.t.Helper()
	p.eventually(what, func(ctx context.Context) error {
		yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && !yes {
			err = fmt.Errorf("it is not so: %s", expression)
		}
		return err
	})
}

// find is the element that the accessibility tree shows with a role and a name, or with a
// name that has *this* in it. There must be one alone.
func find(ctx context.Context, role, name string) (cdp.BackendNodeID, error) {
	document, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "document"})
	if err != nil {
		return 0, err
	}
	tree, err := chromedp.Call(ctx, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{ObjectID: document.Result.ObjectID, Role: role})
	if err != nil {
		return 0, err
	}
	var found []cdp.BackendNodeID
	var others []string
	for _, n := range tree.Nodes {
		if n.Ignored || n.Name == nil {
			continue
		}
		var is string
		if err := json.Unmarshal(n.Name.Value, &is); err != nil {
			return 0, fmt.Errorf("a name that is no text: %w", err)
		}
		if part := strings.Trim(name, "*"); is == name || part != name && strings.Contains(is, part) {
			found = append(found, n.BackendDOMNodeID)
		}
		others = append(others, is)
	}
	if len(found) != 1 {
		return 0, fmt.Errorf("%d of role %s have the name %q, among %q", len(found), role, name, others)
	}
	return found[0], nil
}

// sees waits until there is something of that role and name.
func (p *page) sees(role, name string) {
	p.t.Helper()
	p.eventually(fmt.Sprintf("sees %s %q", role, name), func(ctx context.Context) error {
		_, err := find(ctx, role, name)
		return err
	})
}

// says waits until the page shows a text somewhere.
func (p *page) says(text string) {
	p.t.Helper()
	p.holds(fmt.Sprintf("shows %q", text), fmt.Sprintf("document.body.innerText.includes(%q)", text))
}

// click presses the left button over it.
func (p *page) click(role, name string) {
	p.t.Helper()
	p.eventually(fmt.Sprintf("clicks %s %q", role, name), func(ctx context.Context) error {
		node, err := find(ctx, role, name)
		if err != nil {
			return err
		}
		if _, err := chromedp.Call(ctx, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{BackendNodeID: node}); err != nil {
			return err
		}
		at, err := chromedp.Call(ctx, dom.GetContentQuads, dom.GetContentQuadsParams{BackendNodeID: node})
		if err != nil {
			return err
		}
		if len(at.Quads) == 0 {
			return fmt.Errorf("it takes no place on the screen")
		}
		q := at.Quads[0]
		return chromedp.Do(ctx, chromedp.MouseClickXY((q[0]+q[4])/2, (q[1]+q[5])/2))
	})
}

// write puts a text where one writes, as pasting does.
func (p *page) write(role, name, text string) {
	p.t.Helper()
	p.focus(role, name)
	call(p, input.InsertText, input.InsertTextParams{Text: text})
}

// put writes a text instead of what stands there.
func (p *page) put(role, name, text string) {
	p.t.Helper()
	p.focus(role, name)
	p.must(p.evaluate("document.activeElement.select()"))
	if text == "" {
		p.press(backspace)
		return
	}
	call(p, input.InsertText, input.InsertTextParams{Text: text})
}

func (p *page) focus(role, name string) {
	p.t.Helper()
	p.eventually(fmt.Sprintf("goes to %s %q", role, name), func(ctx context.Context) error {
		node, err := find(ctx, role, name)
		if err != nil {
			return err
		}
		_, err = chromedp.Call(ctx, dom.Focus, dom.FocusParams{BackendNodeID: node})
		return err
	})
}

// evaluate runs something in the page for what it does.
func (p *page) evaluate(expression string) error {
	return chromedp.Do(p.ctx, chromedp.Evaluate[chromedp.Void](expression))
}
