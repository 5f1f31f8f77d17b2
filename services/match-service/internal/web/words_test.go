package web

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/fault"
)

// What the services can answer is said in the person's language, and not in the server's.
func TestWords_haveEachProblemInEachLanguage(t *testing.T) {
	slugs := slices.Collect(maps.Keys(fault.Slugs))
	for _, k := range fault.Kinds() {
		slugs = append(slugs, k.String())
	}
	for _, language := range []string{"en", "ko"} {
		words := string(embedded().files["words/"+language+".js"].Body) + string(embedded().files["words/chat."+language+".js"].Body)
		for _, slug := range slugs {
			if !strings.Contains(words, fmt.Sprintf("\n  'problem.%s': '", slug)) {
				t.Errorf("%s has no words for the problem %s", language, slug)
			}
		}
	}
}
