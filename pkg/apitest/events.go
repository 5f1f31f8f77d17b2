package apitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/getkin/kin-openapi/openapi3"
)

// validateJSON holds a body against a schema.
func validateJSON(s *openapi3.SchemaRef, body []byte) error {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return err
	}
	return s.Value.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.VisitAsResponse())
}

// events checks server-sent events while a test reads them.
type events struct {
	io.ReadCloser
	schemas map[string]*openapi3.SchemaRef // of the data, by the event's name
	line    []byte                         // what came of a line that has not ended
	name    string                         // of the event that is being read
}

// newEvents reads which events a response of the document has: OpenAPI 3.1 has no word for
// it, so that stands in x-event-data.
func newEvents(response *openapi3.Response, body io.ReadCloser) (*events, error) {
	e := &events{ReadCloser: body}
	text, err := json.Marshal(response.Content["text/event-stream"].Extensions["x-event-data"])
	if err != nil {
		return nil, err
	}
	var refs map[string]struct {
		Ref string `json:"$ref"`
	}
	if err := json.Unmarshal(text, &refs); err != nil {
		return nil, err
	}
	e.schemas = map[string]*openapi3.SchemaRef{}
	for name, ref := range refs {
		e.schemas[name] = matchHTTP().doc.Components.Schemas[ref.Ref[len("#/components/schemas/"):]]
	}
	return e, nil
}

// Read implements io.Reader. An event that is not documented is an error, given instead of
// the octets that it ended with.
func (e *events) Read(p []byte) (int, error) {
	n, err := e.ReadCloser.Read(p)
	e.line = append(e.line, p[:n]...)
	for {
		end := bytes.IndexByte(e.line, '\n')
		if end < 0 {
			return n, err
		}
		line := e.line[:end]
		e.line = e.line[end+1:]
		if bad := e.check(line); bad != nil {
			return 0, fmt.Errorf("not as documented: event %q: %w", line, bad)
		}
	}
}

// check reads one line (HTML standard, section 9.2.6).
func (e *events) check(line []byte) error {
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(name) {
	case "": // the end of an event, or a comment
	case "event":
		e.name = string(value)
	case "data":
		schema := e.schemas[e.name]
		if schema == nil {
			return fmt.Errorf("there is no event %q", e.name)
		}
		return validateJSON(schema, value)
	default:
		return fmt.Errorf("there is no field %q", name)
	}
	return nil
}
