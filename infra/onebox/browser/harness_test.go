//go:build integration

package browser

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// The other tests rest on this: a page cannot throw, complain or break its policy unseen.
func TestHarness_seesWhatGoesWrong(t *testing.T) {
	p := person(t, chromium(t), "user1", start(t).url+"/match/")
	for script, want := range map[string]string{
		"setTimeout(() => { throw new Error('thrown') })":                                      "exception: ",
		"Promise.reject(new Error('rejected'))":                                                "rejected",
		"console.error('logged')":                                                              `console: "logged"`,
		"document.body.append(Object.assign(new Image(), {src: 'https://pictures.invalid/'}))": "security: ",
		"document.body.innerHTML = '<b>html</b>'":                                              "TrustedHTML",
		"fetch('/match/nothing')":                                                              "network: ",
	} {
		_ = p.evaluate(script) // what it throws is what is looked for
		p.eventually(script+" is a fault", func(context.Context) error {
			if all := strings.Join(p.complaints(), "\n"); !strings.Contains(all, want) {
				return fmt.Errorf("%q is not among them:\n%s", want, all)
			}
			return nil
		})
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

func TestHarness_axeSeesAButtonWithoutAName(t *testing.T) {
	p := person(t, chromium(t), "user1", start(t).url+"/match/")
	p.sees("textbox", "Your nickname")
	p.must(p.evaluate("document.querySelector('main').append(document.createElement('button'))"))
	if found := p.axe(axeSource(t)); len(found) != 1 || found[0].ID != "button-name" {
		t.Errorf("axe finds %+v, want the button alone", found)
	}
}
