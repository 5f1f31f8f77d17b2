package plan

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	"pgregory.net/rapid"
)

const stack = "../../../terraform/"

// variables are those of the stack, with what they take.
type variables struct {
	blocks map[string]*hclsyntax.Block
	ctx    *hcl.EvalContext
}

func readVariables(t *testing.T) variables {
	t.Helper()
	v := variables{map[string]*hclsyntax.Block{}, &hcl.EvalContext{Variables: map[string]cty.Value{}, Functions: terraformFunctions}}
	for _, block := range parse(t, stack+"variables.tf").Blocks {
		switch block.Type {
		case "variable":
			v.blocks[block.Labels[0]] = block
		case "locals":
			locals := map[string]cty.Value{}
			for name, a := range block.Body.Attributes {
				locals[name] = value(t, a.Expr, v.ctx)
			}
			v.ctx.Variables["local"] = cty.ObjectVal(locals)
		}
	}
	return v
}

// Functions of Terraform that its conditions for our variables use.
var terraformFunctions = map[string]function.Function{
	"range": stdlib.RangeFunc, "floor": stdlib.FloorFunc, "values": stdlib.ValuesFunc, "try": tryfunc.TryFunc, "can": tryfunc.CanFunc,
	"tostring": stdlib.MakeToFunc(cty.String),
	"contains": function.New(&function.Spec{ // that of cty takes no tuples
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}, {Name: "value", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			for it := args[0].ElementIterator(); it.Next(); {
				if _, v := it.Element(); v.Equals(args[1]).True() {
					return cty.True, nil
				}
			}
			return cty.False, nil
		},
	}),
	"startswith": function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}, {Name: "prefix", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(strings.HasPrefix(args[0].AsString(), args[1].AsString())), nil
		},
	}),
}

func parse(t *testing.T, file string) *hclsyntax.Body {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return parseText(t, string(text), file)
}

func parseText(t *testing.T, text, file string) *hclsyntax.Body {
	t.Helper()
	f, diags := hclparse.NewParser().ParseHCL([]byte(text), file)
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, text)
	}
	return f.Body.(*hclsyntax.Body)
}

func value(t *testing.T, expr hclsyntax.Expression, ctx *hcl.EvalContext) cty.Value {
	t.Helper()
	v, diags := expr.Value(ctx)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return v
}

// refuse says why the stack does not take a file of variables.
func (v variables) refuse(t *testing.T, text string) (reasons []string) {
	t.Helper()
	given := map[string]cty.Value{}
	for name, a := range parseText(t, text, "plan.auto.tfvars").Attributes {
		block := v.blocks[name]
		if block == nil {
			reasons = append(reasons, "no variable "+name)
			continue
		}
		kind, diags := typeexpr.TypeConstraint(block.Body.Attributes["type"].Expr)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		val := value(t, a.Expr, nil)
		if kind.IsObjectType() { // conversion drops what is too much, and Terraform with it
			for field := range val.Type().AttributeTypes() {
				if !kind.HasAttribute(field) {
					reasons = append(reasons, name+" has no "+field)
				}
			}
		}
		converted, err := convert.Convert(val, kind)
		if err != nil {
			reasons = append(reasons, name+": "+err.Error())
			continue
		}
		given[name] = converted
	}
	v.ctx.Variables["var"] = cty.ObjectVal(given)
	for name := range given {
		for _, b := range v.blocks[name].Body.Blocks {
			if b.Type == "validation" && value(t, b.Body.Attributes["condition"].Expr, v.ctx).False() {
				reasons = append(reasons, value(t, b.Body.Attributes["error_message"].Expr, nil).AsString())
			}
		}
	}
	for name, block := range v.blocks {
		_, there := given[name]
		if block.Body.Attributes["default"] == nil && !there && !site[name] {
			reasons = append(reasons, name+" is missing")
		}
	}
	return reasons
}

// site is what stands in a file beside, as infra/README.md has it.
var site = map[string]bool{"environment": true, "region": true, "domain_name": true, "hosted_zone_id": true, "github_repository": true, "alarm_email": true}

func tfvarsOf(p *Plan, b Basis) (string, error) {
	var text strings.Builder
	err := p.WriteTfvars(&text, b)
	return text.String(), err
}

// Whatever is planned, either the stack takes it or the plan says why it cannot be.
func TestWriteTfvars_isTakenByTheStack(t *testing.T) {
	v := readVariables(t)
	b := basis(t)
	written := 0
	rapid.Check(t, func(rt *rapid.T) {
		g := b.Given
		g.Zones = rapid.IntRange(2, 3).Draw(rt, "zones")
		p := made(rt, math.Pow(10, rapid.Float64Range(0, 9).Draw(rt, "log users")), g)
		text, err := tfvarsOf(p, b)
		if (err == nil) != (len(p.Beyond()) == 0) {
			rt.Fatalf("%v, beyond %+v", err, p.Beyond())
		}
		if err != nil {
			if text != "" || !strings.Contains(err.Error(), "the stack as written cannot carry") {
				rt.Errorf("%v, and %q was written", err, text)
			}
			return
		}
		written++
		if reasons := v.refuse(t, text); len(reasons) > 0 {
			rt.Errorf("%s\n%s", strings.Join(reasons, "\n"), text)
		}
		// A task takes what comes when a zone is gone, and as many as planned are no reason
		// for another task.
		chat, sockets := p.Services[0], float64(p.sockets())
		if sockets < math.Floor(chat.PerTask) || p.Traffic.Sockets/float64(chat.Tasks) > 0.75*sockets+1 {
			rt.Errorf("%g sockets for %g on %+v", sockets, p.Traffic.Sockets, chat)
		}
		// The condition in postgres.tf.
		for _, s := range p.Services {
			if 2*s.Most()*connectionsPerTask+connectionsKept > p.MaxConnections {
				rt.Errorf("%d connections are too few for %d tasks", p.MaxConnections, s.Most())
			}
		}
	})
	if written == 0 {
		t.Error("none was written")
	}
}

// Where a zone's tasks are there for safety alone, they take what they carry, and no fewer.
func TestWriteTfvars_leavesRoomForASurge(t *testing.T) {
	p := made(t, 1e4, given(t))
	chat := p.Services[0]
	if !strings.HasPrefix(chat.Binds, "nothing") {
		t.Fatal(chat.Binds)
	}
	if room := float64(p.sockets()*chat.Tasks) / p.Traffic.Sockets; room < 2 {
		t.Errorf("room for %g times as many", room)
	}
}

// The stack lets a task have as many sockets as a plan reckons with, and no more.
func TestSocketsOf_isWhatTheStackTakes(t *testing.T) {
	v := readVariables(t)
	good, err := tfvarsOf(made(t, 1e5, given(t)), basis(t))
	if err != nil {
		t.Fatal(err)
	}
	chat := regexp.MustCompile(`(?s)cpu            = \d+\n  memory         = \d+(.*?)sockets        = \d+`)
	for _, n := range []float64{0, 1} {
		sockets := socketsOf(taskSize{512, 1024}) + n
		loc := chat.FindStringSubmatchIndex(good)
		text := fmt.Sprintf("%scpu            = 512\n  memory         = 1024%ssockets        = %.0f%s", good[:loc[0]], good[loc[2]:loc[3]], sockets, good[loc[1]:])
		if reasons := v.refuse(t, text); len(reasons) != int(n) {
			t.Errorf("%.0f sockets: %q", sockets, reasons)
		}
	}
}

// The check itself finds what Terraform would.
func TestRefuse_findsWhatIsWrong(t *testing.T) {
	v := readVariables(t)
	good, err := tfvarsOf(made(t, 1e5, given(t)), basis(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, says string }{
		{"zones = 3", "zones = 4", "zones must be 2 or 3"},
		{"zones = 3", "zone = 3", "no variable zone"},
		{"zones = 3", "", "zones is missing"},
		{"replicas  = 1", "replicas  = 9", "cache.replicas must be"},
		{"replicas  = 1", "replica  = 1", "cache has no replica"},
		{`"db.`, `"m7g.`, "database.class must be"},
		{"deploy_percent = 150", "deploy_percent = 250", "chat.deploy_percent"},
		{"log_days  = 90", "log_days  = 91", "log_days must be"},
		{"multi_az        = true", `multi_az        = "perhaps"`, "a bool is required"},
	} {
		if !strings.Contains(good, c.from) {
			t.Errorf("no %q in\n%s", c.from, good)
		}
		reasons := strings.Join(v.refuse(t, strings.Replace(good, c.from, c.to, 1)), "\n")
		if !strings.Contains(reasons, c.says) {
			t.Errorf("%q: %s, want %q", c.to, reasons, c.says)
		}
	}
}

// Sizes are those that the stack knows.
func TestTaskSizes_areThoseOfTheStack(t *testing.T) {
	v := readVariables(t)
	var n int
	for it := v.ctx.Variables["local"].GetAttr("fargate").ElementIterator(); it.Next(); {
		_, list := it.Element()
		n += list.LengthInt()
	}
	if n != len(taskSizes()) {
		t.Errorf("%d sizes, the stack has %d", len(taskSizes()), n)
	}
}
