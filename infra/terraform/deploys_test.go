package terraform

import (
	"regexp"
	"strings"
	"testing"
)

// A deploy may do what it does: each call of .ci/deploy is an action of the role in
// github.tf. What the role may besides is what pushing an image takes.
func TestDeployRole_mayWhatADeployDoes(t *testing.T) {
	role := read(t, "github.tf")
	calls := regexp.MustCompile(`"(ecr|ecs|logs)", "([a-z-]+)"`).FindAllStringSubmatch(read(t, "../../.ci/deploy/main.go"), -1)
	if len(calls) < 8 {
		t.Errorf("found %d calls in .ci/deploy, fewer than it makes: is it written in another way now?", len(calls))
	}
	for _, c := range calls {
		action := c[1] + ":"
		for word := range strings.SplitSeq(c[2], "-") {
			action += strings.ToUpper(word[:1]) + word[1:]
		}
		if !strings.Contains(role, `"`+action+`"`) {
			t.Errorf("the deploy role may not %s, which .ci/deploy does", action)
		}
	}
}
