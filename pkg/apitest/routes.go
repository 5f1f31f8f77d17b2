package apitest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Value is what stands at a JSON pointer of a document.
func Value(t *testing.T, document, pointer string) any {
	t.Helper()
	tree, err := closedTree(document)
	if err != nil {
		t.Fatal(err)
	}
	found := find(tree, pointer)
	if found == nil {
		t.Fatalf("%s: there is no %s", document, pointer)
	}
	return found
}

// find follows a JSON pointer (RFC 6901); what is not there is nil.
func find(node any, pointer string) any {
	for _, key := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		switch in := node.(type) {
		case map[string]any:
			node = in[strings.NewReplacer("~1", "/", "~0", "~").Replace(key)]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(in) {
				return nil
			}
			node = in[i]
		default:
			return nil
		}
	}
	return node
}

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
