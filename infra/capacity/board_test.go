package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
)

// reports is where full runs of make bench are kept.
const reports = "reports"

func reasons(t *testing.T) board.Reasons {
	t.Helper()
	text, err := os.ReadFile("reasons.yaml")
	if err != nil {
		t.Fatal(err)
	}
	list, err := board.ReadReasons(bytes.NewReader(text))
	if err != nil {
		t.Fatal("reasons.yaml:", err)
	}
	return list
}

// The README's table is that of the run that is kept, and each goal that is missed there
// says why.
func TestReadme_hasTheNewestBoard(t *testing.T) {
	why := reasons(t)
	b, err := board.Newest(reports)
	if err != nil {
		t.Fatal(err)
	}
	if b == nil {
		t.Skip("no full run of make bench is kept")
	}
	b.Explain(why)
	if *update {
		if _, err := b.Keep(reports); err != nil {
			t.Fatal(err)
		}
		if err := b.TakeOver("README.md", reports); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), b.Markdown(reports)) {
		t.Error("the README has another table: make board")
	}
	for _, r := range b.Rows {
		if r.Why == board.Unexplained {
			t.Errorf("%s: %s is missed, and reasons.yaml does not say why", r.Topic, r.What)
		}
	}
	if idle := b.Idle(why); len(idle) > 0 {
		t.Errorf("reasons.yaml has reasons for rows that are not there: %q", idle)
	}
}
