package apitest

import (
	"bufio"
	"bytes"
	"io"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// jsonLines reads JSON lines as the list of their values, which is what a schema of such a
// body is about.
func jsonLines(body io.Reader, header http.Header, schema *openapi3.SchemaRef, encoding openapi3filter.EncodingFn) (any, error) {
	values := []any{}
	for lines := bufio.NewReader(body); ; {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return values, nil
		}
		if err != nil { // a line without its end is one that was cut
			return nil, &openapi3filter.ParseError{Kind: openapi3filter.KindInvalidFormat, Cause: err}
		}
		value, err := openapi3filter.JSONBodyDecoder(bytes.NewReader(line), header, schema, encoding)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
}
