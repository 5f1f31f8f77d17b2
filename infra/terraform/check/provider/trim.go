package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// trim writes the part of a schema file that a list of types, one a line, needs: the
// whole one has 19 MB, which every call of Terraform would read several times.
func trim(path, list, out string) error {
	names, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	wanted := strings.Fields(string(names))
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var f struct {
		Version   string                                `json:"format_version"`
		Providers map[string]map[string]json.RawMessage `json:"provider_schemas"`
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, kind := range []string{"resource_schemas", "data_source_schemas", "ephemeral_resource_schemas"} {
		var all map[string]json.RawMessage
		if err := json.Unmarshal(f.Providers[address][kind], &all); err != nil {
			return fmt.Errorf("%s: %s: %w", path, kind, err)
		}
		for name := range all {
			if !slices.Contains(wanted, name) {
				delete(all, name)
			}
		}
		if f.Providers[address][kind], err = json.Marshal(all); err != nil {
			return err
		}
	}
	trimmed, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return os.WriteFile(out, trimmed, 0o644)
}
