package main

import (
	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// deprecated warns of each argument and block in a configuration that goes away with the
// provider's next major version. Terraform leaves this to the provider.
func deprecated(schema *tfprotov5.Schema, config *tfprotov5.DynamicValue) ([]*tfprotov5.Diagnostic, error) {
	value, err := config.Unmarshal(schema.ValueType())
	if err != nil {
		return nil, err
	}
	var w warnings
	err = w.block(tftypes.NewAttributePath(), schema.Block, value)
	return w, err
}

type warnings []*tfprotov5.Diagnostic

func (w *warnings) add(path *tftypes.AttributePath) {
	*w = append(*w, &tfprotov5.Diagnostic{
		Severity: tfprotov5.DiagnosticSeverityWarning, Summary: "Argument is deprecated",
		Detail: "It goes away with the provider's next major version.", Attribute: path,
	})
}

func (w *warnings) block(path *tftypes.AttributePath, b *tfprotov5.SchemaBlock, value tftypes.Value) error {
	if value.IsNull() || !value.IsKnown() {
		return nil
	}
	var of map[string]tftypes.Value
	if err := value.As(&of); err != nil {
		return err
	}
	for _, a := range b.Attributes {
		if v := of[a.Name]; a.Deprecated && !v.IsNull() {
			w.add(path.WithAttributeName(a.Name))
		}
	}
	for _, n := range b.BlockTypes {
		at, v := path.WithAttributeName(n.TypeName), of[n.TypeName]
		if v.IsNull() || !v.IsKnown() {
			continue
		}
		if !v.Type().Is(tftypes.List{}) && !v.Type().Is(tftypes.Set{}) {
			if err := w.block(at, n.Block, v); err != nil {
				return err
			}
			continue
		}
		var items []tftypes.Value
		if err := v.As(&items); err != nil {
			return err
		}
		if n.Block.Deprecated && len(items) > 0 {
			w.add(at)
		}
		for _, item := range items {
			if err := w.block(at, n.Block, item); err != nil {
				return err
			}
		}
	}
	return nil
}
