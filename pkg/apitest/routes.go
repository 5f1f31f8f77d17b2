package apitest

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parameter is one of a route's path, as gin writes it.
var parameter = regexp.MustCompile(`[:*](\w+)`)

// Routes compares a router's routes, each a method and a path with parameters as gin
// writes them (/chat/rooms/:roomId), with the operations of a document.
func Routes(t *testing.T, document string, routes []string) {
	t.Helper()
	tree, err := closedTree(document)
	if err != nil {
		t.Fatal(err)
	}
	var described []string
	for path, item := range tree["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	served := make([]string, len(routes))
	for i, r := range routes {
		served[i] = parameter.ReplaceAllString(r, "{$1}")
	}
	slices.Sort(described)
	slices.Sort(served)
	if diff := cmp.Diff(described, served); diff != "" {
		t.Errorf("%s (-) and the routes (+) differ:\n%s", document, diff)
	}
}
