package apidocs

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// What of OpenAPI 3.1 and AsyncAPI 3.0 our documents use and the page shows. Reading is
// strict: a part that nobody shows is an error.

type info struct {
	Title, Version, Summary, Description string
	CloseCodes                           []closeCode `yaml:"x-close-codes"`
}

type closeCode struct {
	Code           int
	Means, Advises string
}

type openAPI struct {
	OpenAPI    string
	Info       info
	Servers    []server
	Tags       []tag
	Security   []map[string][]string
	Paths      entries[entries[operation]]
	Components struct {
		SecuritySchemes entries[securityScheme] `yaml:"securitySchemes"`
		Headers         entries[header]
		Parameters      entries[parameter]
		Responses       entries[response]
		Schemas         entries[schema]
	}
}

type server struct{ URL, Description string }

type tag struct{ Name, Description string }

type securityScheme struct {
	Type, Scheme, Description string
	BearerFormat              string `yaml:"bearerFormat"`
}

type operation struct {
	ID                   string `yaml:"operationId"`
	Tags                 []string
	Summary, Description string
	Security             *[]map[string][]string // empty: for everybody; nil: as the document says
	Parameters           []parameter
	RequestBody          *body `yaml:"requestBody"`
	Responses            entries[response]
}

type parameter struct {
	Ref                   ref `yaml:"$ref"`
	Name, In, Description string
	Required              bool
	AllowEmpty            bool `yaml:"allowEmptyValue"`
	Schema                schema
	Example               any
	Examples              []string
}

type body struct {
	Required bool
	Content  entries[media]
}

type response struct {
	Ref         ref `yaml:"$ref"`
	Description string
	Headers     entries[header]
	Content     entries[media]
}

type header struct {
	Ref         ref `yaml:"$ref"`
	Description string
	Required    bool
	Schema      schema
}

type media struct {
	Schema  schema
	Example any
	Events  entries[schema] `yaml:"x-event-data"`
}

type schema struct {
	Ref                                ref `yaml:"$ref"`
	Type, Format, Pattern, Description string
	Required                           []string
	Properties                         entries[schema]
	Items                              *schema
	OneOf                              []schema `yaml:"oneOf"`
	Enum                               []any
	Const, Default                     any
	MinLength                          *int `yaml:"minLength"`
	MaxLength                          *int `yaml:"maxLength"`
	Minimum, Maximum                   *int
	MinItems                           *int  `yaml:"minItems"`
	MaxItems                           *int  `yaml:"maxItems"`
	UniqueItems                        bool  `yaml:"uniqueItems"`
	Additional                         *bool `yaml:"additionalProperties"`
	Examples                           []any
	Status                             int `yaml:"x-status"` // of a problem type
	Close                              int `yaml:"x-close"`
}

// Has reports whether a property is required.
func (s schema) Has(property string) bool {
	for _, name := range s.Required {
		if name == property {
			return true
		}
	}
	return false
}

// Closed reports whether fields that the schema does not have are refused.
func (s schema) Closed() bool { return s.Additional != nil && !*s.Additional }

// Explained reports whether the schema's choices say what they mean.
func (s schema) Explained() bool { return len(s.OneOf) > 0 && s.OneOf[0].Description != "" }

type asyncAPI struct {
	AsyncAPI    string
	Info        info
	ContentType string `yaml:"defaultContentType"`
	Servers     entries[asyncServer]
	Channels    entries[channel]
	Operations  entries[asyncOperation]
	Components  struct {
		SecuritySchemes entries[securityScheme] `yaml:"securitySchemes"`
		Parameters      entries[parameter]
		Messages        entries[message]
		Schemas         entries[schema]
	}
}

type asyncServer struct {
	Host, Pathname, Protocol, Description string
	ProtocolVersion                       string `yaml:"protocolVersion"`
	Security                              []reference
}

type reference struct {
	Ref ref `yaml:"$ref"`
}

type channel struct {
	Address, Title, Description string
	Parameters                  entries[reference]
	Messages                    entries[reference]
}

type asyncOperation struct {
	Action   string // of the server: receive or send
	Channel  reference
	Summary  string
	Messages []reference
	Reply    *struct {
		Channel  reference
		Messages []reference
	}
}

type message struct {
	Name, Summary string
	ContentType   string `yaml:"contentType"`
	Headers       schema
	Payload       *schema
	Examples      []struct {
		Name    string
		Headers any
		Payload any
	}
}

// ref is where a part stands, as a JSON reference.
type ref string

// Name is the part's own name: the last of its path.
func (r ref) Name() string { return string(r)[strings.LastIndexByte(string(r), '/')+1:] }

// entries is a map in the order of the document.
type entries[T any] []entry[T]

type entry[T any] struct {
	Key   string
	Value T
}

// UnmarshalYAML reads the keys' order and the values apart, since Go's maps have none.
func (e *entries[T]) UnmarshalYAML(unmarshal func(any) error) error {
	var order yaml.MapSlice
	if err := unmarshal(&order); err != nil {
		return err
	}
	var values map[string]T
	if err := unmarshal(&values); err != nil {
		return err
	}
	for _, item := range order {
		key := fmt.Sprint(item.Key)
		*e = append(*e, entry[T]{key, values[key]})
	}
	return nil
}

// Find returns the value of a key.
func (e entries[T]) Find(key string) (T, error) {
	for _, entry := range e {
		if entry.Key == key {
			return entry.Value, nil
		}
	}
	var none T
	return none, fmt.Errorf("there is no %s", key)
}

// read decodes one of Files.
func read(name string, into any) error {
	text, err := Files.ReadFile(name)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalWithOptions(text, into, yaml.Strict(), yaml.UseOrderedMap()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
