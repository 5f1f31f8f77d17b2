package apidocs

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// pageOf says which documents a page shows, by their names in Files.
type pageOf struct {
	service   string // as its addresses begin
	documents []string
}

var (
	matchPage = pageOf{"match", []string{MatchOpenAPI}}
	chatPage  = pageOf{"chat", []string{ChatOpenAPI, ChatAsyncAPI}}
)

// page is what page.html shows.
type page struct {
	Service   string
	Documents []string
	HTTP      openAPI
	Stomp     *asyncAPI // nil where there is none
}

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"markdown": markdown, "json": indented, "rules": rules, "upper": strings.ToUpper, "at": at, "address": address,
}).Parse(pageText))

func (p pageOf) render() ([]byte, error) {
	shown := page{Service: p.service, Documents: p.documents}
	for _, name := range p.documents {
		var err error
		if name == ChatAsyncAPI {
			shown.Stomp = new(asyncAPI)
			err = read(name, shown.Stomp)
		} else {
			err = read(name, &shown.HTTP)
		}
		if err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, shown); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// operations are those of a tag, with their addresses.
func (p page) Operations(tag string) (list []addressed) {
	for _, path := range p.HTTP.Paths {
		for _, method := range path.Value {
			if len(method.Value.Tags) == 1 && method.Value.Tags[0] == tag {
				list = append(list, addressed{strings.ToUpper(method.Key), path.Key, method.Value})
			}
		}
	}
	return list
}

// addressed is an operation and where it is.
type addressed struct {
	Method, Path string
	operation
}

// Open reports whether an operation needs no token.
func (a addressed) Open() bool { return a.Security != nil && len(*a.Security) == 0 }

// Parameter, Response and Header resolve references into the document's components.
func (p page) Parameter(v parameter) (parameter, error) {
	if v.Ref == "" {
		return v, nil
	}
	return p.HTTP.Components.Parameters.Find(v.Ref.Name())
}

// Response resolves a reference, see Parameter.
func (p page) Response(v response) (response, error) {
	if v.Ref == "" {
		return v, nil
	}
	return p.HTTP.Components.Responses.Find(v.Ref.Name())
}

// Header resolves a reference, see Parameter.
func (p page) Header(v header) (header, error) {
	if v.Ref == "" {
		return v, nil
	}
	return p.HTTP.Components.Headers.Find(v.Ref.Name())
}

// Problems are the types of problems with what they mean in each protocol.
func (p page) Problems() ([]schema, error) {
	types, err := p.HTTP.Components.Schemas.Find("ProblemType")
	return types.OneOf, err
}

// Message is the message that a reference leads to: from an operation over a channel's
// message, from there into the components.
func (a asyncAPI) Message(v reference) (message, error) {
	if rest, ok := strings.CutPrefix(string(v.Ref), "#/channels/"); ok {
		name, _, _ := strings.Cut(rest, "/")
		c, err := a.Channels.Find(name)
		if err != nil {
			return message{}, err
		}
		if v, err = c.Messages.Find(v.Ref.Name()); err != nil {
			return message{}, err
		}
	}
	return a.Components.Messages.Find(v.Ref.Name())
}

// Headers are a message's headers.
func (a asyncAPI) Headers(m message) (schema, error) {
	if m.Headers.Ref == "" {
		return m.Headers, nil
	}
	return a.Components.Schemas.Find(m.Headers.Ref.Name())
}

// OperationsOn are what is done on a channel.
func (a asyncAPI) OperationsOn(channel string) (list []asyncOperation) {
	for _, o := range a.Operations {
		if o.Value.Channel.Ref.Name() == channel {
			list = append(list, o.Value)
		}
	}
	return list
}

var markdownPage = goldmark.New(goldmark.WithExtensions(extension.Table))

// markdown is what OpenAPI and AsyncAPI write descriptions in. Raw HTML in it is left out.
func markdown(text string) (template.HTML, error) {
	var b bytes.Buffer
	if err := markdownPage.Convert([]byte(text), &b); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil
}

// indented is an example as JSON, in the order of the document; text is shown as it is.
func indented(v any) (string, error) {
	if text, ok := v.(string); ok && strings.Contains(text, "\n") {
		return text, nil
	}
	line, err := yaml.MarshalWithOptions(v, yaml.JSON())
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, bytes.TrimSpace(line), "", "  "); err != nil {
		return "", fmt.Errorf("example %s: %w", line, err)
	}
	return b.String(), nil
}

// rules are what a schema asks of a value, in words.
func rules(s schema) string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	between := func(least, most *int, what string) {
		switch {
		case least != nil && most != nil && *least == *most:
			say("exactly %d%s", *least, what)
		case least != nil && most != nil:
			say("%d to %d%s", *least, *most, what)
		case least != nil && !(*least == 1 && what == " characters"):
			say("at least %d%s", *least, what)
		case least != nil:
			say("not empty")
		case most != nil:
			say("at most %d%s", *most, what)
		}
	}
	between(s.MinLength, s.MaxLength, " characters")
	between(s.Minimum, s.Maximum, "")
	between(s.MinItems, s.MaxItems, " items")
	if s.UniqueItems {
		say("none twice")
	}
	if s.Pattern != "" {
		say("like %s", s.Pattern)
	}
	if s.Default != nil {
		say("%v if not given", s.Default)
	}
	return strings.Join(list, "; ")
}

// at pairs a value with the page or document that it needs to be shown.
func at(in, v any) map[string]any { return map[string]any{"In": in, "It": v} }

// address is a channel's destination, or what stands for it.
func address(c channel) string {
	if c.Address == "" {
		return "no destination"
	}
	return c.Address
}
