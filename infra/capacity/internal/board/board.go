// Package board collects what `make bench` measures: a row for each figure, beside its
// goal. It prints rows as text, and writes them as JSON, as a page and as a README's table.
package board

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// Schema names the format of Board; it changes when a field changes its meaning.
const Schema = "sixseat-capacity-bench/1"

// Board is all rows of one run.
type Board struct {
	Schema  string         `json:"schema"`
	Date    time.Time      `json:"date"`
	Commit  string         `json:"commit"`
	Machine report.Machine `json:"machine"`
	Journey bool           `json:"journey,omitempty"` // its report is kept beside the board
	Rows    []Row          `json:"rows"`
}

// Row is one figure.
type Row struct {
	Topic   string  `json:"topic"` // the part of the run: chat, storm, peers, …
	What    string  `json:"what"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit,omitempty"`
	Goal    Bound   `json:"goal,omitzero"` // none: the figure is there to compare others with
	Stretch Bound   `json:"stretch,omitzero"`
	Met     Met     `json:"met,omitempty"` // filled in by Add, as is Ratio
	Ratio   float64 `json:"ratio,omitempty"`
	Command string  `json:"command"` // that makes it
	Note    string  `json:"note,omitempty"`
	Missing string  `json:"missing,omitempty"` // why there is no figure, in a word or two
	Why     string  `json:"why,omitempty"`     // a missed goal is missed; filled in by Explain
}

// Bound is what a figure is held against. The zero Bound is none.
type Bound struct {
	Is   string  `json:"is"` // <= or >=
	Than float64 `json:"than"`
}

// AtMost and AtLeast are the two bounds.
func AtMost(v float64) Bound  { return Bound{"<=", v} }
func AtLeast(v float64) Bound { return Bound{">=", v} }

// holds reports whether v keeps the bound; what could not be measured keeps none.
func (b Bound) holds(v float64) bool {
	return b.Is == "<=" && v <= b.Than || b.Is == ">=" && v >= b.Than
}

func (b Bound) String() string {
	if b.Is == "" {
		return ""
	}
	return b.Is + " " + figure(b.Than)
}

// Met says which bound a figure keeps.
type Met string

// All that Met can be.
const (
	NoGoal  Met = ""
	Missed  Met = "no"
	Reached Met = "yes"
	Further Met = "stretch"
)

// New is an empty board of now and here.
func New(commit string) *Board {
	return &Board{Schema: Schema, Date: time.Now().UTC().Truncate(time.Second), Commit: commit, Machine: report.ThisMachine()}
}

// Add adds rows, and says of each whether it meets its goal.
func (b *Board) Add(rows ...Row) error {
	for _, r := range rows {
		if r.Topic == "" || r.What == "" || r.Command == "" {
			return fmt.Errorf("a row needs topic, what and command: %+v", r)
		}
		if math.IsNaN(r.Value) || math.IsInf(r.Value, 0) {
			return fmt.Errorf("%s, %s: %v is not a figure", r.Topic, r.What, r.Value)
		}
		switch {
		case r.Goal.Is == "":
			r.Met = NoGoal
		case r.Missing != "" || !r.Goal.holds(r.Value):
			r.Met = Missed
		case r.Stretch.holds(r.Value):
			r.Met = Further
		default:
			r.Met = Reached
		}
		if r.Goal.Than != 0 && r.Missing == "" {
			r.Ratio = r.Value / r.Goal.Than
		}
		b.Rows = append(b.Rows, r)
	}
	return nil
}

// Measured is the figure with its unit, or why there is none.
func (r Row) Measured() string {
	if r.Missing != "" {
		return r.Missing
	}
	return strings.TrimSpace(figure(r.Value) + " " + r.Unit)
}

// Bounds are goal and stretch goal.
func (r Row) Bounds() string {
	if r.Stretch.Is == "" {
		return r.Goal.String()
	}
	return r.Goal.String() + " (" + r.Stretch.String() + ")"
}

// Against is the figure as a multiple of its goal.
func (r Row) Against() string {
	if r.Ratio == 0 {
		return ""
	}
	return figure(r.Ratio) + " x"
}

// WriteText writes the rows for a terminal.
func (b *Board) WriteText(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "part\twhat\tmeasured\tgoal (stretch)\tof goal\tmet\tnote, and why it is missed")
	for _, r := range b.Rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Topic, r.What, r.Measured(), r.Bounds(), r.Against(), r.Met, sentences(r.Note, r.Why))
	}
	return w.Flush()
}

// sentences are texts one behind the other, of which some may be empty.
func sentences(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), ". ")
}

// Markdown is the rows as a README's table, and where in dir the rest of the run is kept.
func (b *Board) Markdown(dir string) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s, commit %s, %d x %s, %s:\n\n", b.Date.Format("2 January 2006"), b.Commit, b.Machine.CPUs, b.Machine.CPU, b.Machine.Go)
	s.WriteString("| part | what | goal (stretch) | measured | of goal | met | command |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, r := range b.Rows {
		met := string(r.Met)
		if r.Why != "" {
			met += ": " + r.Why
		}
		cells := []string{r.Topic, sentences(r.What, r.Note), r.Bounds(), r.Measured(), r.Against(), met, "`" + r.Command + "`"}
		for i, c := range cells {
			cells[i] = strings.ReplaceAll(c, "|", `\|`)
		}
		fmt.Fprintf(&s, "| %s |\n", strings.Join(cells, " | "))
	}
	fmt.Fprintf(&s, "\nThe same as [a page](%s.html).", path.Join(dir, b.Name()))
	if b.Journey {
		fmt.Fprintf(&s, " The journey of this run, [in full](%[1]s.html):\n\n![Who was there, and how long deliveries took](%[1]s.svg)", path.Join(dir, b.JourneyName()))
	}
	s.WriteString("\n")
	return s.String()
}

// Between which a document's table stands.
const begin, end = "<!-- make bench writes from here -->\n", "<!-- to here -->\n"

// TakeOver puts the table into a document; dir is where it finds what is kept.
func (b *Board) TakeOver(file, dir string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, found := bytes.Cut(text, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		return fmt.Errorf("%s has no place for the table: it needs the lines %q and %q", file, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return os.WriteFile(file, bytes.Join([][]byte{before, []byte(begin), []byte(b.Markdown(dir)), []byte(end), after}, nil), 0o644)
}

// WriteJSON writes the board for programs.
func (b *Board) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	return enc.Encode(b)
}

// Name is what the run's files are called: its date and commit. JourneyName is that of the
// report of its journey.
func (b *Board) Name() string        { return b.Date.Format(time.DateOnly) + "-" + b.Commit }
func (b *Board) JourneyName() string { return b.Name() + "-journey" }

// Keep writes the board into a folder, as JSON and as a page, and returns the path without
// the ending.
func (b *Board) Keep(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, b.Name())
	return path, errors.Join(write(path+".json", b.WriteJSON), write(path+".html", b.WriteHTML))
}

// dated is how files of runs begin.
const dated = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]-*"

// DropOthers removes the files of other runs from a folder.
func (b *Board) DropOthers(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, dated))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		if name != b.Name() && name != b.JourneyName() {
			err = errors.Join(err, os.Remove(file))
		}
	}
	return err
}

// Newest is the board that a folder keeps, nil if it keeps none.
func Newest(dir string) (*Board, error) {
	files, err := filepath.Glob(filepath.Join(dir, dated+".json"))
	if err != nil {
		return nil, err
	}
	var newest *Board
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var b Board
		if err := json.Unmarshal(text, &b); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if b.Schema == Schema && (newest == nil || b.Date.After(newest.Date)) {
			newest = &b
		}
	}
	return newest, nil
}

func write(name string, to func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(to(f), f.Close())
}

// figure has three digits that count, and no exponent.
func figure(v float64) string {
	digits := 0
	if v != 0 {
		digits = max(0, min(4, 2-int(math.Floor(math.Log10(math.Abs(v))))))
	}
	text := fmt.Sprintf("%.*f", digits, v)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	for i := len(text) - 3; i > 0 && text[i-1] != '-' && !strings.Contains(text, "."); i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
