package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What `terraform providers schema -json` writes, as far as the protocol has it too.
type (
	file struct {
		Providers map[string]provider `json:"provider_schemas"`
	}
	provider struct {
		Provider  schema              `json:"provider"`
		Resources map[string]schema   `json:"resource_schemas"`
		Data      map[string]schema   `json:"data_source_schemas"`
		Ephemeral map[string]schema   `json:"ephemeral_resource_schemas"`
		Functions map[string]function `json:"functions"`
	}
	schema struct {
		Version int64 `json:"version"`
		Block   block `json:"block"`
	}
	block struct {
		Attributes map[string]attribute `json:"attributes"`
		Blocks     map[string]nested    `json:"block_types"`
		Deprecated bool                 `json:"deprecated"`
	}
	attribute struct {
		Type       json.RawMessage `json:"type"`
		Required   bool            `json:"required"`
		Optional   bool            `json:"optional"`
		Computed   bool            `json:"computed"`
		Sensitive  bool            `json:"sensitive"`
		Deprecated bool            `json:"deprecated"`
		WriteOnly  bool            `json:"write_only"`
	}
	nested struct {
		Nesting string `json:"nesting_mode"`
		Block   block  `json:"block"`
		Min     int64  `json:"min_items"`
		Max     int64  `json:"max_items"`
	}
	function struct {
		Returns    json.RawMessage `json:"return_type"`
		Parameters []struct {
			Name string          `json:"name"`
			Type json.RawMessage `json:"type"`
		} `json:"parameters"`
	}
)

var nestings = map[string]tfprotov5.SchemaNestedBlockNestingMode{
	"list":   tfprotov5.SchemaNestedBlockNestingModeList,
	"set":    tfprotov5.SchemaNestedBlockNestingModeSet,
	"single": tfprotov5.SchemaNestedBlockNestingModeSingle,
	"map":    tfprotov5.SchemaNestedBlockNestingModeMap,
	"group":  tfprotov5.SchemaNestedBlockNestingModeGroup,
}

// read makes the protocol's answer of a schema file.
func read(path string) (*tfprotov5.GetProviderSchemaResponse, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var f file
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	p, ok := f.Providers[address]
	if !ok {
		return nil, fmt.Errorf("%s: no schema of %s", path, address)
	}
	var t types
	answer := &tfprotov5.GetProviderSchemaResponse{
		ServerCapabilities:       &tfprotov5.ServerCapabilities{},
		Provider:                 t.schema(p.Provider),
		ResourceSchemas:          t.schemas(p.Resources),
		DataSourceSchemas:        t.schemas(p.Data),
		EphemeralResourceSchemas: t.schemas(p.Ephemeral),
		Functions:                t.functions(p.Functions),
	}
	return answer, t.err
}

// types translates, and keeps the first error: a type that the protocol does not know.
type types struct{ err error }

func (t *types) of(raw json.RawMessage) tftypes.Type {
	//lint:ignore SA1019 not for providers, but this reads what they print, and there is no other
	parsed, err := tftypes.ParseJSONType(raw)
	if err != nil && t.err == nil {
		t.err = fmt.Errorf("type %s: %w", raw, err)
	}
	return parsed
}

func (t *types) schema(s schema) *tfprotov5.Schema {
	return &tfprotov5.Schema{Version: s.Version, Block: t.block(s.Block)}
}

func (t *types) schemas(all map[string]schema) map[string]*tfprotov5.Schema {
	out := make(map[string]*tfprotov5.Schema, len(all))
	for name, s := range all {
		out[name] = t.schema(s)
	}
	return out
}

func (t *types) block(b block) *tfprotov5.SchemaBlock {
	out := &tfprotov5.SchemaBlock{Deprecated: b.Deprecated}
	for name, a := range b.Attributes {
		out.Attributes = append(out.Attributes, &tfprotov5.SchemaAttribute{
			Name: name, Type: t.of(a.Type), Required: a.Required, Optional: a.Optional, Computed: a.Computed,
			Sensitive: a.Sensitive, Deprecated: a.Deprecated, WriteOnly: a.WriteOnly,
		})
	}
	for name, n := range b.Blocks {
		out.BlockTypes = append(out.BlockTypes, &tfprotov5.SchemaNestedBlock{
			TypeName: name, Block: t.block(n.Block), Nesting: nestings[n.Nesting], MinItems: n.Min, MaxItems: n.Max,
		})
	}
	return out
}

func (t *types) functions(all map[string]function) map[string]*tfprotov5.Function {
	out := make(map[string]*tfprotov5.Function, len(all))
	for name, f := range all {
		fn := &tfprotov5.Function{Return: &tfprotov5.FunctionReturn{Type: t.of(f.Returns)}}
		for _, p := range f.Parameters {
			fn.Parameters = append(fn.Parameters, &tfprotov5.FunctionParameter{Name: p.Name, Type: t.of(p.Type)})
		}
		out[name] = fn
	}
	return out
}
