package service

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
)

// helpByName collects the help tags of a configuration struct.
func helpByName(cfg any) map[string]string {
	help := map[string]string{}
	eachVariable(reflect.TypeOf(cfg), func(name string, f reflect.StructField) { help[name] = f.Tag.Get("help") })
	return help
}

// variablesByField collects the variables of a configuration struct.
func variablesByField(cfg any) map[string]string {
	variables := map[string]string{}
	eachVariable(reflect.TypeOf(cfg), func(name string, f reflect.StructField) { variables[f.Name] = name })
	return variables
}

// belowZero refuses settings that are less than zero, or no number at all.
func belowZero(cfg any) error {
	var bad []string
	v := reflect.ValueOf(cfg)
	eachVariable(v.Type(), func(name string, f reflect.StructField) {
		switch value := v.FieldByName(f.Name); {
		case value.CanInt() && value.Int() < 0, value.CanFloat() && !(value.Float() >= 0 && value.Float() <= math.MaxInt64):
			bad = append(bad, name+": must be 0 or more")
		}
	})
	if len(bad) == 0 {
		return nil
	}
	return errors.New("configuration: " + strings.Join(bad, "; "))
}

// eachVariable calls do for each field with a variable, embedded structs included.
func eachVariable(t reflect.Type, do func(name string, f reflect.StructField)) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			eachVariable(f.Type, do)
			continue
		}
		if name, _, _ := strings.Cut(f.Tag.Get("env"), ","); name != "" {
			do(name, f)
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
