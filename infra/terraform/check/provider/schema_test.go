package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// whole is a schema file with one resource that is wanted and one that is not.
const whole = `{"format_version":"1.0","provider_schemas":{"registry.terraform.io/hashicorp/aws":{
"provider":{"version":0,"block":{"attributes":{"region":{"type":"string","optional":true}}}},
"resource_schemas":{
 "aws_lb":{"version":2,"block":{
  "attributes":{"name":{"type":"string","required":true},"subnets":{"type":["set","string"],"optional":true,"computed":true},"secret_wo":{"type":"string","optional":true,"write_only":true}},
  "block_types":{"access_logs":{"nesting_mode":"list","min_items":1,"max_items":1,"block":{"attributes":{"bucket":{"type":"string","required":true},"acl":{"type":"string","optional":true,"deprecated":true}}}}}}},
 "aws_alien":{"version":0,"block":{}}},
"data_source_schemas":{},"ephemeral_resource_schemas":{}}}}`

func TestTrimmedSchema_saysWhatTheFileSays(t *testing.T) {
	s, err := read(trimmed(t, whole, "aws_lb\naws_not_there\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, kept := s.ResourceSchemas["aws_alien"]; kept || len(s.Provider.Block.Attributes) != 1 {
		t.Error("trim keeps what nobody wants, or drops the provider's own arguments")
	}
	lb := s.ResourceSchemas["aws_lb"]
	if lb == nil || lb.Version != 2 {
		t.Fatalf("aws_lb: %+v", lb)
	}
	attributes := map[string]*tfprotov5.SchemaAttribute{}
	for _, a := range lb.Block.Attributes {
		attributes[a.Name] = a
	}
	if a := attributes["name"]; !a.Required || !a.Type.Is(tftypes.String) {
		t.Errorf("name: %+v", a)
	}
	if a := attributes["subnets"]; !a.Optional || !a.Computed || !a.Type.Equal(tftypes.Set{ElementType: tftypes.String}) {
		t.Errorf("subnets: %+v", a)
	}
	if a := attributes["secret_wo"]; !a.WriteOnly {
		t.Errorf("secret_wo: %+v", a)
	}
	nested := lb.Block.BlockTypes[0]
	if nested.TypeName != "access_logs" || nested.Nesting != tfprotov5.SchemaNestedBlockNestingModeList || nested.MinItems != 1 || nested.MaxItems != 1 {
		t.Errorf("access_logs: %+v", nested)
	}
}

func TestDeprecated_warnsOfWhatIsSet(t *testing.T) {
	s, err := read(trimmed(t, whole, "aws_lb"))
	if err != nil {
		t.Fatal(err)
	}
	schema := s.ResourceSchemas["aws_lb"]
	for acl, want := range map[any]string{nil: "", "private": `AttributeName("access_logs").AttributeName("acl")`} {
		warnings, err := deprecated(schema, config(t, schema, acl))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, w := range warnings {
			got += w.Attribute.String()
		}
		if got != want {
			t.Errorf("acl %v: %q, want %q", acl, got, want)
		}
	}
}

// config is a load balancer whose log has this acl.
func config(t *testing.T, schema *tfprotov5.Schema, acl any) *tfprotov5.DynamicValue {
	t.Helper()
	all := schema.ValueType()
	of := all.(tftypes.Object).AttributeTypes
	logs := of["access_logs"].(tftypes.List)
	value, err := tfprotov5.NewDynamicValue(all, tftypes.NewValue(all, map[string]tftypes.Value{
		"name":      tftypes.NewValue(tftypes.String, "lb"),
		"subnets":   tftypes.NewValue(of["subnets"], tftypes.UnknownValue),
		"secret_wo": tftypes.NewValue(tftypes.String, nil),
		"access_logs": tftypes.NewValue(logs, []tftypes.Value{tftypes.NewValue(logs.ElementType, map[string]tftypes.Value{
			"bucket": tftypes.NewValue(tftypes.String, "logs"),
			"acl":    tftypes.NewValue(tftypes.String, acl),
		})}),
	}))
	if err != nil {
		t.Fatal(err)
	}
	return &value
}

func TestRead_refusesWhatIsNoSchema(t *testing.T) {
	for text, want := range map[string]string{
		"{":                       "unexpected end",
		`{"provider_schemas":{}}`: "no schema of registry.terraform.io/hashicorp/aws",
		strings.Replace(whole, `["set","string"]`, `["heap","string"]`, 1): `type ["heap","string"]`,
	} {
		path := filepath.Join(t.TempDir(), "schema.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := read(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func trimmed(t *testing.T, schema, types string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"whole.json": schema, "types": types} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(dir, "trimmed.json")
	if err := trim(filepath.Join(dir, "whole.json"), filepath.Join(dir, "types"), out); err != nil {
		t.Fatal(err)
	}
	return out
}
