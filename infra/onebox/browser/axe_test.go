//go:build integration

package browser

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// axeSource is axe-core, where make deps puts what package-lock.json names.
func axeSource(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("../../../.cache/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal("axe-core is not here: run make deps")
	}
	return string(source)
}

// finding is a rule of axe that a page breaks.
type finding struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

func TestAccessibility_axeFindsNothingSerious(t *testing.T) {
	source := axeSource(t)
	tour(t, func(name string, p *page) {
		p.inEachLook(func(scheme string, on screen) {
			for _, f := range p.axe(source) {
				for _, n := range f.Nodes {
					t.Errorf("%s, %s, %s: %s: %s (%s)\n%s\n%s", name, scheme, on.name, f.Impact, f.Help, f.ID, n.HTML, n.Summary)
				}
			}
		})
	})
}

// axe are the serious and critical findings on what a page shows. It runs in a world of its
// own: the page's policy lets nothing into the page's.
func (p *page) axe(source string) (serious []finding) {
	p.t.Helper()
	tree := call(p, cdppage.GetFrameTree, cdp.Empty{})
	world := call(p, cdppage.CreateIsolatedWorld, cdppage.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID, WorldName: "axe"})
	yes := true
	run := call(p, runtime.Evaluate, runtime.EvaluateParams{
		Expression: source + "\naxe.run(document, {resultTypes: ['violations']}).then(({violations}) => JSON.stringify(violations))",
		ContextID:  world.ExecutionContextID, AwaitPromise: &yes, ReturnByValue: &yes,
	})
	if run.ExceptionDetails != nil {
		p.t.Fatal("axe:", run.ExceptionDetails.Text, run.ExceptionDetails.Exception.Description)
	}
	var text string
	p.must(json.Unmarshal(run.Result.Value, &text))
	var findings []finding
	p.must(json.Unmarshal([]byte(text), &findings))
	return slices.DeleteFunc(findings, func(f finding) bool { return f.Impact != "serious" && f.Impact != "critical" })
}
