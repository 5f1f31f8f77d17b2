package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const makefileText = `
help: ## no part of the tests
	@echo
check: lint unit ## quick
lint: $(TOOL)
	tool
$(TOOL):
	go install
unit:
	go test
e2e: ## containers
	run
test: SIZES := production
test: check e2e ## all
`

const good = `
permissions: {}
jobs:
  quick:
    permissions: { contents: read }
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: ./.github/actions/prepare
      - run: make lint SIZES="a b" unit
      - run: |
          set -x
          make e2e
  gate:
    if: always()
    needs: quick
    permissions: {}
    timeout-minutes: 1
    steps:
      - run: echo
  called:
    needs: [gate]
    permissions: {}
    uses: ./.github/workflows/other.yml
`

// project makes a repository with the Makefile above and one Go module.
func project(t *testing.T, module string) (root string) {
	t.Helper()
	root = t.TempDir()
	write(t, filepath.Join(root, "Makefile"), makefileText)
	write(t, filepath.Join(root, ".github/dependabot.yml"), "updates:\n  - package-ecosystem: gomod\n    directories: [/pkg, /services/*]\n")
	write(t, filepath.Join(root, module, "go.mod"), "module m")
	return root
}

func TestCheck_findsAModuleThatDependabotDoesNotKnow(t *testing.T) {
	root := project(t, "tools")
	write(t, filepath.Join(root, ".github/workflows/ci.yml"), good)
	want := "dependabot.yml: no gomod has /tools among its directories"
	if wrong, _, err := check(root); err != nil || len(wrong) != 1 || wrong[0] != want {
		t.Errorf("%q, %v; want %s", wrong, err, want)
	}
}

func TestCheck_findsEachFault(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"nothing":                {"", "", ""},
		"a target of all":        {"make e2e", "make test", ""},
		"no top permissions":     {"permissions: {}\njobs", "jobs", "ci.yml: has no permissions: {} at its top"},
		"wide permissions":       {"permissions: {}\njobs", "permissions: read-all\njobs", "ci.yml: has no permissions: {} at its top"},
		"no job permissions":     {"    permissions: { contents: read }\n", "", "ci.yml: job quick does not say its permissions"},
		"no timeout":             {"    timeout-minutes: 5\n", "", "ci.yml: job quick has no timeout-minutes"},
		"a tag":                  {"3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "v7", "ci.yml:8: actions/checkout@v7 is not pinned by a commit's 40 digits with its version in a comment"},
		"no version":             {" # v7.0.1", "", "ci.yml:8: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 is not pinned by a commit's 40 digits with its version in a comment"},
		"an unknown target":      {"make lint", "make links", "ci.yml runs make lint in no job, and make test does\nci.yml:10: the Makefile has no target links"},
		"a part that is lost":    {"          make e2e\n", "", "ci.yml runs make e2e in no job, and make test does"},
		"a gate that is skipped": {"    if: always()\n", "", "ci.yml: has no job gate with if: always(), without which a skipped check counts as passed"},
		"a job beside the gate":  {"    needs: [gate]\n", "", "ci.yml: gate does not need job called"},
		"an expression":          {"set -x", "echo ${{ github.event.pull_request.title }}", "ci.yml:11: an expression in a run is code that somebody else may have written: hand it over in env"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(good, c.old) {
				t.Fatalf("%q is not in the workflow", c.old)
			}
			root := project(t, "services/chat")
			write(t, filepath.Join(root, ".github/workflows/ci.yml"), strings.Replace(good, c.old, c.new, 1))
			wrong, files, err := check(root)
			if got := strings.Join(wrong, "\n"); err != nil || files != 1 || got != c.want {
				t.Errorf("%d files, %v, %q; want %q", files, err, got, c.want)
			}
		})
	}
}

func TestCheck_withoutWorkflowsRunsNothing(t *testing.T) {
	root := project(t, "pkg")
	if wrong, _, err := check(root); err != nil || len(wrong) != 3 {
		t.Errorf("%q, %v; want that lint, unit and e2e are missing", wrong, err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
