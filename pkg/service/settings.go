package service

import (
	"fmt"
	"reflect"
	"strings"
)

// helpByName collects the help tags of a configuration struct, embedded ones included.
func helpByName(cfg any) map[string]string {
	help := map[string]string{}
	collectHelp(reflect.TypeOf(cfg), help)
	return help
}

func collectHelp(t reflect.Type, help map[string]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			collectHelp(f.Type, help)
			continue
		}
		if name, _, _ := strings.Cut(f.Tag.Get("env"), ","); name != "" {
			help[name] = f.Tag.Get("help")
		}
	}
}

// Table is the settings as the Markdown table that stands in a service's README.
func Table(settings []Setting) string {
	var b strings.Builder
	b.WriteString("| variable | default | what it is |\n| --- | --- | --- |\n")
	for _, s := range settings {
		def := "-"
		if s.Default != "" {
			def = "`" + s.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, def, s.Help)
	}
	return b.String()
}
