package board

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func rows() []Row {
	return []Row{
		{Topic: "chat", What: "p50", Value: 2.345, Unit: "ms", Goal: AtMost(4), Stretch: AtMost(3), Command: "make bench PARTS=chat"},
		{Topic: "chat", What: "connects", Value: 4123.6, Unit: "/s", Goal: AtLeast(4000), Stretch: AtLeast(5000), Command: "make bench PARTS=chat"},
		{Topic: "chat", What: "lost", Value: 0, Goal: AtMost(0), Command: "make bench PARTS=chat"},
		{Topic: "storm", What: "queries <all>", Value: 2500, Goal: AtMost(2000), Note: "a|b", Command: "make bench PARTS=storm"},
		{Topic: "chat", What: "rate", Value: 2000, Command: "make bench PARTS=chat"},
	}
}

func filled(t *testing.T) *Board {
	t.Helper()
	b := New("abc123")
	b.Date = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	if err := b.Add(rows()...); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAdd_saysWhetherTheGoalIsMet(t *testing.T) {
	b := filled(t)
	for i, want := range []Met{Further, Reached, Reached, Missed, NoGoal} {
		if b.Rows[i].Met != want {
			t.Errorf("%s %s: %q, want %q", b.Rows[i].What, b.Rows[i].Measured(), b.Rows[i].Met, want)
		}
	}
	if got := b.Rows[3].Against(); got != "1.25 x" {
		t.Errorf("against its goal: %q", got)
	}
}

func TestAdd_refusesWhatIsNoFigure(t *testing.T) {
	good := rows()[0]
	for name, spoil := range map[string]func(*Row){
		"NaN": func(r *Row) { r.Value = math.NaN() }, "Inf": func(r *Row) { r.Value = math.Inf(1) },
		"topic": func(r *Row) { r.Topic = "" }, "what": func(r *Row) { r.What = "" }, "command": func(r *Row) { r.Command = "" },
	} {
		r := good
		spoil(&r)
		if err := New("x").Add(r); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestWriteText_hasALineForEachRow(t *testing.T) {
	var out strings.Builder
	if err := filled(t).WriteText(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"chat   p50            2.35 ms   <= 4 (<= 3)          0.586 x  stretch", "4,124 /s", ">= 4,000 (>= 5,000)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestKeep_canBeReadBack(t *testing.T) {
	b := filled(t)
	path, err := b.Keep(filepath.Join(t.TempDir(), "reports"))
	if err != nil || filepath.Base(path) != "2026-11-28-abc123" {
		t.Fatal(path, err)
	}
	text, err := os.ReadFile(path + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var got Board
	if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(&got, b) {
		t.Errorf("%v\n%+v\n%+v", err, got, b)
	}
	page, err := os.ReadFile(path + ".html")
	if err != nil || !bytes.Contains(page, []byte("queries &lt;all&gt;")) || !bytes.Contains(page, []byte("3 of 4 goals met, 1 with the stretch")) {
		t.Errorf("%v\n%s", err, page)
	}
}

func TestExplain_saysWhyAGoalIsMissed(t *testing.T) {
	reasons, err := ReadReasons(strings.NewReader("chat:\n  p50: never shown, since it is met\n  gone: of a row of before\nstorm:\n  queries <all>: the store asks for each room\n"))
	if err != nil {
		t.Fatal(err)
	}
	b := filled(t)
	b.Explain(reasons)
	var text, page strings.Builder
	if err := errors.Join(b.WriteText(&text), b.WriteHTML(&page)); err != nil {
		t.Fatal(err)
	}
	for form, s := range map[string]string{"text": text.String(), "page": page.String(), "table": b.Markdown("reports")} {
		if !strings.Contains(s, "the store asks for each room") || strings.Contains(s, "never shown") {
			t.Errorf("%s:\n%s", form, s)
		}
	}
	if idle := b.Idle(reasons); !slices.Equal(idle, []string{"chat: gone"}) {
		t.Errorf("idle are %q", idle)
	}
	b.Explain(nil)
	if b.Rows[3].Why != Unexplained || b.Rows[0].Why != "" {
		t.Errorf("without reasons: %q, %q", b.Rows[3].Why, b.Rows[0].Why)
	}
}

func TestReadReasons_namesLineAndField(t *testing.T) {
	for text, want := range map[string]string{
		"chat: [p50]": "line 1: chat must be a mapping", "chat:\n  p50:": "line 2: chat.p50 must be a text",
		"chat:\n  p50: a\n  p50: b": "line 3: chat.p50 is there twice",
	} {
		if _, err := ReadReasons(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// A folder keeps one run: its board, and the report of its journey.
func TestDropOthers_leavesTheRunAndWhatIsNone(t *testing.T) {
	dir := t.TempDir()
	if b, err := Newest(dir); b != nil || err != nil {
		t.Errorf("of an empty folder: %v, %v", b, err)
	}
	old, b := New("0ld"), filled(t)
	old.Date = b.Date.AddDate(0, 0, -1)
	for _, kept := range []*Board{old, b} {
		if _, err := kept.Keep(dir); err != nil {
			t.Fatal(err)
		}
		for _, ending := range []string{".json", ".html", ".svg"} {
			if err := os.WriteFile(filepath.Join(dir, kept.JourneyName()+ending), []byte("{}"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "README.md"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if newest, err := Newest(dir); err != nil || !reflect.DeepEqual(newest, b) {
		t.Errorf("%v, %+v", err, newest)
	}
	if err := b.DropOthers(dir); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range left {
		names = append(names, file.Name())
	}
	if want := []string{"2026-11-28-abc123-journey.html", "2026-11-28-abc123-journey.json", "2026-11-28-abc123-journey.svg", "2026-11-28-abc123.html", "2026-11-28-abc123.json", "README.md"}; !slices.Equal(names, want) {
		t.Errorf("left are %q", names)
	}
}

func TestMarkdown_showsTheJourney(t *testing.T) {
	b := filled(t)
	b.Journey = true
	for _, want := range []string{"(reports/2026-11-28-abc123-journey.html)", "](reports/2026-11-28-abc123-journey.svg)"} {
		if !strings.Contains(b.Markdown("reports"), want) {
			t.Errorf("no %s in %s", want, b.Markdown("reports"))
		}
	}
}

func TestTakeOver_replacesTheTable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	for range 2 { // the second time there is a table already
		if _, err := os.Stat(file); err != nil {
			if err := os.WriteFile(file, []byte("before\n"+begin+"old\n"+end+"after\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := filled(t).TakeOver(file, "reports"); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := string(text)
		if !strings.HasPrefix(s, "before\n"+begin+"28 November 2026, commit abc123") || !strings.HasSuffix(s, "\n\nThe same as [a page](reports/2026-11-28-abc123.html).\n"+end+"after\n") ||
			strings.Contains(s, "old") || strings.Count(s, "| chat | p50 |") != 1 || !strings.Contains(s, `a\|b`) {
			t.Errorf("%s", s)
		}
	}
	if err := os.WriteFile(file, []byte("no place\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := filled(t).TakeOver(file, "reports"); err == nil {
		t.Error("no error for a document without a place")
	}
}

func TestFigure(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.12345: "0.123", 4: "4", 85.74: "85.7", 999.6: "1,000", 18996: "18,996", 1234567: "1,234,567", -1234: "-1,234", 0.00012: "0.0001"} {
		if got := figure(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
}

func TestMissing_standsInPlaceOfAFigure(t *testing.T) {
	b := New("x")
	if err := b.Add(Row{Topic: "peers", What: "connects", Goal: AtMost(1), Missing: "not installed", Command: "make bench"}); err != nil {
		t.Fatal(err)
	}
	if r := b.Rows[0]; r.Measured() != "not installed" || r.Met != Missed || r.Against() != "" {
		t.Errorf("measured %q, met %q, %q of its goal", r.Measured(), r.Met, r.Against())
	}
}
