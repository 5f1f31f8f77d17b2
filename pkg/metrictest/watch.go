package metrictest

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// ceiling is how long a series may take to move; it is only waited for when a test fails.
const ceiling = 30 * time.Second

// Watch looks at one process, and remembers which metrics were seen to move.
type Watch struct {
	testing.TB
	url  string
	seen map[string]bool
}

// NewWatch watches the process with this admin listener, host:port.
func NewWatch(tb testing.TB, adminAddr string) *Watch {
	return &Watch{tb, "http://" + adminAddr + "/metrics", map[string]bool{}}
}

// Scrape is what the process shows now.
func (w *Watch) Scrape() Scrape {
	w.Helper()
	return Read(w, w.url)
}

// Moves does something and waits until the series have what it should make of them: +2 is
// two more than before, ++ is more, =0 is 0, <5 is less than 5.
func (w *Watch) Moves(what string, do func(), want map[string]string) {
	w.Helper()
	before := w.Scrape().Series
	do()
	for series, how := range want {
		name, _, _ := strings.Cut(series, "{")
		w.seen[strings.TrimSuffix(name, "_count")] = true
		last, known := 0.0, false
		met := false
		for deadline := time.Now().Add(ceiling); !met && time.Now().Before(deadline); {
			if last, known = w.Scrape().Series[series]; known {
				met = w.met(how, before[series], last)
			}
			<-time.After(5 * time.Millisecond)
		}
		if !met {
			w.Errorf("%s: %s went from %v to %v (shown: %v), want %s", what, series, before[series], last, known, how)
		}
	}
}

func (w *Watch) met(how string, before, now float64) bool {
	w.Helper()
	if how == "++" {
		return now > before
	}
	number, err := strconv.ParseFloat(how[1:], 64)
	if err != nil {
		w.Fatal(err)
	}
	switch how[0] {
	case '+':
		return now == before+number
	case '<':
		return now < number
	}
	return now == number
}

// Complete checks that each metric that is ours was seen to move, and that the README has
// the table of them.
func (w *Watch) Complete(readme string) {
	w.Helper()
	last := w.Scrape()
	for _, name := range last.Own() {
		if !w.seen[name] {
			w.Errorf("nothing here moves %s", name)
		}
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		w.Fatal(err)
	}
	if table := last.Table(); !strings.Contains(string(text), table) {
		w.Errorf("put this table into %s in place of the old one:\n%s", readme, table)
	}
}

// NothingNew checks that doing something adds no series to those shown before.
func (w *Watch) NothingNew(do func()) {
	w.Helper()
	before := w.Scrape().Series
	do()
	for series := range w.Scrape().Series {
		if _, known := before[series]; !known {
			w.Errorf("%s is new", series)
		}
	}
}
