package rules

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// reader takes the arguments and blocks out of one Terraform block. It
// remembers what it was asked for; done refuses the rest, so an argument that
// nobody reads cannot be overlooked.
//
// Methods report problems themselves and return a value that lets reading go
// on; Load fails at the end.
type reader struct {
	body *hclsyntax.Body
	at   hcl.Range // of the block's first line
	name string    // for messages: "aws_lb.main" or "health_check"
	out  *problems
	seen map[string]bool
	read map[string]bool // blocks whose content matters
}

func newReader(b *hclsyntax.Block, name string, out *problems) *reader {
	return &reader{body: b.Body, at: b.DefRange(), name: name, out: out, seen: map[string]bool{}, read: map[string]bool{}}
}

func (r *reader) expr(name string) hclsyntax.Expression {
	r.seen[name] = true
	if a, ok := r.body.Attributes[name]; ok {
		return a.Expr
	}
	return nil
}

// where is the argument's line, or the block's when the argument is absent.
func (r *reader) where(name string) hcl.Range {
	if a, ok := r.body.Attributes[name]; ok {
		return a.SrcRange
	}
	return r.at
}

func (r *reader) refuse(name, format string, args ...any) {
	r.out.add(r.where(name), r.name+": "+format, args...)
}

func (r *reader) missing(name string) {
	r.out.add(r.at, "%s: %s must be set, or its value would rest on a default that differs between AWS and Terraform", r.name, name)
}

// literal gives the argument's value. Absent, null and refused ones are not ok;
// only the last leaves a problem behind.
func (r *reader) literal(name string, want cty.Type) (value cty.Value, ok bool) {
	e := r.expr(name)
	if e == nil {
		return cty.NilVal, false
	}
	if len(e.Variables()) > 0 {
		r.refuse(name, "%s must be a literal: it routes, times or checks health, and no variable is known here", name)
		return cty.NilVal, false
	}
	v, diags := e.Value(nil)
	if diags.HasErrors() {
		r.refuse(name, "%s must be a literal: %s", name, diags[0].Summary)
		return cty.NilVal, false
	}
	v, err := convert.Convert(v, want)
	if err != nil {
		r.refuse(name, "%s: %s", name, err)
		return cty.NilVal, false
	}
	return v, !v.IsNull() && v.IsWhollyKnown()
}

func (r *reader) text(name, fallback string) string {
	v, ok := r.literal(name, cty.String)
	if !ok {
		return fallback
	}
	return v.AsString()
}

// must reports an argument that is not there.
func (r *reader) must(name string) {
	if !r.has(name) {
		r.missing(name)
	}
}

// mustText gives "" only when there is a problem already.
func (r *reader) mustText(name string) string {
	r.must(name)
	v, ok := r.literal(name, cty.String)
	if !ok {
		return ""
	}
	if v.AsString() == "" {
		r.refuse(name, "%s must not be empty", name)
	}
	return v.AsString()
}

// oneOf is text from a short list; anything else is what proxy cannot do, or
// AWS does not know.
func (r *reader) oneOf(name, fallback string, allowed ...string) string {
	v, ok := r.literal(name, cty.String)
	if !ok {
		return fallback
	}
	if !slices.Contains(allowed, v.AsString()) {
		r.refuse(name, "%s = %q is not supported here; use %s", name, v.AsString(), strings.Join(allowed, " or "))
		return fallback
	}
	return v.AsString()
}

// mustOneOf gives "" only when there is a problem already.
func (r *reader) mustOneOf(name string, allowed ...string) string {
	r.must(name)
	return r.oneOf(name, "", allowed...)
}

func (r *reader) flag(name string, fallback bool) bool {
	v, ok := r.literal(name, cty.Bool)
	if !ok {
		return fallback
	}
	return v.True()
}

// onlyFlag is for features that proxy does not have: only the value that
// leaves them off is taken.
func (r *reader) onlyFlag(name string, only bool) {
	if r.flag(name, only) != only {
		r.refuse(name, "%s = %t is not implemented by localalb", name, !only)
	}
}

func (r *reader) number(name string, low, high, fallback int) int {
	v, ok := r.literal(name, cty.Number)
	if !ok {
		return fallback
	}
	n, accuracy := v.AsBigFloat().Int64()
	if accuracy != 0 || n < int64(low) || n > int64(high) {
		r.refuse(name, "%s = %s is not a whole number from %d to %d", name, v.AsBigFloat().Text('f', -1), low, high)
		return fallback
	}
	return int(n)
}

func (r *reader) mustNumber(name string, low, high int) int {
	r.must(name)
	return r.number(name, low, high, low)
}

// list gives a set of strings, each once, in the order written.
func (r *reader) list(name string) []string {
	v, ok := r.literal(name, cty.List(cty.String))
	if !ok {
		return nil
	}
	var values []string
	for _, e := range v.AsValueSlice() {
		switch {
		case e.IsNull():
			r.refuse(name, "%s holds null", name)
		case !slices.Contains(values, e.AsString()):
			values = append(values, e.AsString())
		}
	}
	return values
}

// reference resolves aws_lb_target_group.chat.arn to its address, or "".
func (r *reader) reference(name, resourceType string) string {
	e := r.expr(name)
	if e == nil {
		r.out.add(r.at, "%s: %s must be set", r.name, name)
		return ""
	}
	t, diags := hcl.AbsTraversalForExpr(e)
	if !diags.HasErrors() && len(t) == 3 && canonicalType(t.RootName()) == resourceType {
		label, isLabel := t[1].(hcl.TraverseAttr)
		attr, isAttr := t[2].(hcl.TraverseAttr)
		if isLabel && isAttr && (attr.Name == "arn" || attr.Name == "id") {
			return resourceType + "." + label.Name
		}
	}
	r.refuse(name, "%s must be a reference of the form %s.NAME.arn", name, resourceType)
	return ""
}

// has tells whether an argument is set. To Terraform null is the same as leaving it out.
func (r *reader) has(name string) bool {
	a, ok := r.body.Attributes[name]
	if !ok || len(a.Expr.Variables()) > 0 {
		return ok
	}
	v, diags := a.Expr.Value(nil)
	return diags.HasErrors() || !v.IsNull() // what cannot be evaluated is refused by who reads it
}

// blocks gives the nested blocks of one type in the order written.
func (r *reader) blocks(name string) []*reader {
	r.seen[name], r.read[name] = true, true
	var found []*reader
	for _, b := range r.body.Blocks {
		if b.Type == name {
			found = append(found, newReader(b, r.name+": "+name, r.out))
		}
	}
	return found
}

// block gives the only nested block of a type, nil if there is none.
func (r *reader) block(name string) *reader {
	found := r.blocks(name)
	if len(found) == 0 {
		return nil
	}
	for _, extra := range found[1:] {
		extra.out.add(extra.at, "%s: only one %s block is allowed", r.name, name)
	}
	return found[0]
}

// opaque accepts infrastructure arguments and blocks that change nothing
// about routing, timing or health, whatever they hold.
func (r *reader) opaque(names ...string) {
	for _, n := range names {
		r.seen[n] = true
	}
}

// done refuses everything that was not asked for.
func (r *reader) done() {
	for name, a := range r.body.Attributes {
		if !r.seen[name] {
			r.out.add(a.SrcRange, "%s: %s is not implemented by localalb", r.name, name)
		}
	}
	for _, b := range r.body.Blocks {
		switch {
		case r.seen[b.Type]:
		case b.Type == "dynamic" && len(b.Labels) == 1 && r.seen[b.Labels[0]] && !r.read[b.Labels[0]]: // of an opaque block
		case b.Type == "dynamic":
			r.out.add(b.DefRange(), "%s: dynamic blocks cannot be evaluated here; write the blocks out", r.name)
		default:
			r.out.add(b.DefRange(), "%s: the block %s is not implemented by localalb", r.name, b.Type)
		}
	}
}
