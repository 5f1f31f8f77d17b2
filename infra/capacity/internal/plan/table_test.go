package plan

import (
	"fmt"
	"strings"
	"testing"
)

func basis(t testing.TB) Basis {
	return Basis{Given: given(t), CostsFile: "costs/x.json", PricesFile: "prices.yaml", PatternFile: "p.yaml", Ceiling: 1e6, By: End{"the <disk>", 1, "more"}}
}

func TestWriteTable_saysWhatBindsAndWhatItRestsOn(t *testing.T) {
	var b strings.Builder
	small, large := made(t, 1e4, given(t)), made(t, 1e8, given(t))
	if err := WriteTable(&b, []*Plan{small, large}, basis(t)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"10,000", "100,000,000", "binds first", small.Services[0].Binds, fmt.Sprintf("%d × %s", large.Databases[0].Shards, large.Class), "costs/x.json", "check them", "cannot carry this"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestWriteHTML_needsNothingButItself(t *testing.T) {
	var b strings.Builder
	if err := WriteHTML(&b, []*Plan{made(t, 1e4, given(t)), made(t, 1e8, given(t))}, basis(t)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`name="viewport"`, "color-scheme: light dark", "the &lt;disk&gt;", "100,000,000 users", `class="use over"`, "the bill"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in the page", want)
		}
	}
	for _, bad := range []string{"<script", "<link", "src=", "ZgotmplZ", "NaN", "%!"} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("%q in the page", bad)
		}
	}
}
