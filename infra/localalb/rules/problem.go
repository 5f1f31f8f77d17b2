package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Problem is one reason why the files cannot be run.
type Problem struct {
	File   string // as it was opened
	Line   int    // counted from 1; 0 when the reason is about no single line
	Reason string // a sentence for the person who edits the file
}

// String gives the problem in the form editors can jump to.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Reason
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason)
}

// Error is what Load returns for files that were read but refused: all
// problems at once, in the order of the files.
type Error struct {
	Problems []Problem
}

// Error lists one problem a line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// problems collects while reading goes on, so that one run shows everything.
type problems struct {
	list []Problem
}

func (ps *problems) add(at hcl.Range, format string, args ...any) {
	ps.list = append(ps.list, Problem{at.Filename, at.Start.Line, fmt.Sprintf(format, args...)})
}

func (ps *problems) addDiagnostics(diags hcl.Diagnostics) {
	for _, d := range diags.Errs() {
		diag, ok := d.(*hcl.Diagnostic)
		if !ok || diag.Subject == nil {
			ps.list = append(ps.list, Problem{Reason: d.Error()})
			continue
		}
		ps.add(*diag.Subject, "%s: %s", diag.Summary, diag.Detail)
	}
}

// err is nil when nothing was collected.
func (ps *problems) err() error {
	if len(ps.list) == 0 {
		return nil
	}
	slices.SortStableFunc(ps.list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Reason, b.Reason))
	})
	return &Error{Problems: ps.list}
}
