//go:build integration

package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// page is one tab, of somebody.
type page struct {
	t   *testing.T
	ctx context.Context
	who string

	mu        sync.Mutex // guards what follows
	faults    []string
	unplugged bool // requests may fail: the test has taken the server or the network away
}

// person opens the page in a browser context of its own: other storage, other member.
func person(t *testing.T, browser context.Context, who, url string) *page {
	t.Helper()
	return open(t, browser, who, url, chromedp.WithNewBrowserContext())
}

// tab opens one more tab of the same person.
func (p *page) tab(who, url string) *page {
	p.t.Helper()
	return open(p.t, p.ctx, who, url)
}

func open(t *testing.T, parent context.Context, who, url string, options ...chromedp.ContextOption) *page {
	t.Helper()
	p := &page{t: t, who: who}
	ctx, end := chromedp.NewContext(parent, append(options, chromedp.WithListener(p.watch))...)
	p.ctx = ctx
	t.Cleanup(func() {
		p.wreckage()
		end()
		if faults := p.complaints(); len(faults) > 0 {
			t.Errorf("%s's page:\n%s", who, strings.Join(faults, "\n"))
		}
	})
	p.must(chromedp.Do(ctx, chromedp.EmulateViewport(1280, 800)))
	call(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	p.must(chromedp.Do(ctx, chromedp.Navigate(url)))
	return p
}

// watch collects what a page must never do.
func (p *page) watch(event any) {
	fault := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		fault = "exception: " + (&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error()
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			fault = "console: " + arguments(e.Args)
		}
	case *cdplog.EventEntryAdded: // refusals of the policy among them
		if e.Entry.Level == cdplog.EntryLevelError {
			fault = fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
	if fault == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !(p.unplugged && ofNetwork(fault)) {
		p.faults = append(p.faults, fault)
	}
}

// ofNetwork is a fault that follows from a server or network that is away.
func ofNetwork(fault string) bool {
	return strings.HasPrefix(fault, "network: ") || strings.Contains(fault, "WebSocket connection to")
}

func arguments(args []*runtime.RemoteObject) string {
	var list []string
	for _, a := range args {
		list = append(list, strings.TrimSpace(string(a.Value)+" "+a.Description))
	}
	return strings.Join(list, " ")
}

func (p *page) complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.faults)
}

// unplug says whether requests may fail from now on.
func (p *page) unplug(may bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unplugged = may
}

func (p *page) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s: %v", p.who, err)
	}
}

// eventually asks again until there is no objection.
func (p *page) eventually(what string, ask func(ctx context.Context) error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, ceiling)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	var objection error
	for {
		if err := ask(ctx); err == nil {
			return
		} else if ctx.Err() == nil {
			objection = err
		}
		select {
		case <-ctx.Done():
			p.t.Fatalf("%s: %s: %v", p.who, what, objection)
		case <-again.C:
		}
	}
}

// wreckage keeps what a failed test's page looked like, for who reads the log later.
func (p *page) wreckage() {
	if !p.t.Failed() || p.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	if text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.title + '\n' + document.body.innerText.slice(0, 1000)`)); err == nil {
		p.t.Logf("%s saw at %s", p.who, strings.ReplaceAll(text, "\n", "\n    "))
	}
	dir := filepath.Join("../../../.cache/browser", filepath.Base(p.t.Name()))
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil || os.MkdirAll(dir, 0o755) != nil {
		return
	}
	if os.WriteFile(filepath.Join(dir, p.who+".png"), picture, 0o600) == nil {
		p.t.Logf("%s's screen is .cache/browser/%s/%s.png", p.who, filepath.Base(dir), p.who)
	}
}
