// Command workflows checks what actionlint does not know of the files in .github: that
// they run the Makefile's targets, all that `make test` runs among them, and that a run
// can do and wait for no more than it needs; and that dependabot knows all modules.
//
//	go run ./workflows ROOT
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// test is the target whose parts ci runs one by one.
const (
	test   = "test"
	ci     = "ci.yml"
	gate   = "gate"       // ci's job that a merge waits for
	action = "action.yml" // of .github/actions, whose steps are ci's as well
)

var (
	pinned  = regexp.MustCompile(`@[0-9a-f]{40}$`)
	version = regexp.MustCompile(`^# v\d+\.\d+`)
	targets = regexp.MustCompile(`\bmake((?: +[a-zA-Z][A-Za-z0-9_-]*(?:=(?:"[^"]*"|\S*))?)+)`)
	word    = regexp.MustCompile(`[a-zA-Z][A-Za-z0-9_-]*(?:=(?:"[^"]*"|\S*))?`)
	rule    = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):([^=\n]*?)(?:##.*)?$`)
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: workflows ROOT")
		os.Exit(2)
	}
	wrong, files, err := check(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "workflows:", err)
		os.Exit(2)
	}
	for _, line := range wrong {
		fmt.Println(line)
	}
	fmt.Printf("workflows: %d files, %d faults\n", files, len(wrong))
	if len(wrong) > 0 {
		os.Exit(1)
	}
}

func check(root string) (wrong []string, files int, err error) {
	text, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		return nil, 0, err
	}
	c := &checker{makefile: prerequisites(string(text))}
	for _, pattern := range []string{"workflows/*.y*ml", "actions/*/action.y*ml"} {
		names, err := filepath.Glob(filepath.Join(root, ".github", pattern))
		if err != nil {
			return nil, 0, err
		}
		for _, name := range names {
			if err := c.file(name); err != nil {
				return nil, 0, err
			}
			files++
		}
	}
	if err := c.dependabot(root); err != nil {
		return nil, 0, err
	}
	for _, target := range c.makefile.parts(test) {
		if !slices.Contains(c.makefile.parts(c.ci...), target) {
			c.faultf("%s runs make %s in no job, and make %s does", ci, target, test)
		}
	}
	slices.Sort(c.wrong)
	return c.wrong, files, nil
}

type checker struct {
	makefile makefile
	wrong    []string
	ci       []string // targets that ci runs
}

func (c *checker) faultf(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

type workflow struct {
	Permissions yaml.Node `yaml:"permissions"`
	Jobs        map[string]struct {
		Uses        string    `yaml:"uses"`
		If          string    `yaml:"if"`
		Needs       names     `yaml:"needs"`
		Permissions yaml.Node `yaml:"permissions"`
		Timeout     any       `yaml:"timeout-minutes"`
	} `yaml:"jobs"`
}

func (c *checker) file(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var w workflow
	var all yaml.Node
	if err := yaml.Unmarshal(text, &w); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if err := yaml.Unmarshal(text, &all); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	name := filepath.Base(file)
	if filepath.Base(filepath.Dir(file)) == "workflows" {
		if w.Permissions.Kind != yaml.MappingNode || len(w.Permissions.Content) > 0 {
			c.faultf("%s: has no permissions: {} at its top", name)
		}
		for job, j := range w.Jobs {
			if j.Permissions.IsZero() {
				c.faultf("%s: job %s does not say its permissions", name, job)
			}
			if j.Timeout == nil && j.Uses == "" { // a job that calls a workflow cannot have one
				c.faultf("%s: job %s has no timeout-minutes", name, job)
			}
		}
	}
	if name == ci {
		c.gate(w)
	}
	c.steps(name, &all)
	return nil
}

// names are one name or a list of them.
type names []string

func (n *names) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*n = names{node.Value}
		return nil
	}
	return node.Decode((*[]string)(n))
}

// gate holds that the one check that merges require stands for all that do not come after it.
func (c *checker) gate(w workflow) {
	g, there := w.Jobs[gate]
	if !there || g.If != "always()" {
		c.faultf("%s: has no job %s with if: always(), without which a skipped check counts as passed", ci, gate)
		return
	}
	after := map[string]bool{gate: true}
	for range w.Jobs { // as often as a chain may be long
		for job, j := range w.Jobs {
			after[job] = after[job] || slices.ContainsFunc(j.Needs, func(n string) bool { return after[n] })
		}
	}
	for job := range w.Jobs {
		if !after[job] && !slices.Contains(g.Needs, job) {
			c.faultf("%s: %s does not need job %s", ci, gate, job)
		}
	}
}

// steps looks at each uses and run, wherever it stands.
func (c *checker) steps(name string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		for _, child := range n.Content {
			c.steps(name, child)
		}
		return
	}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Value == "uses" && value.Kind == yaml.ScalarNode:
			c.uses(name, value)
		case key.Value == "run" && value.Kind == yaml.ScalarNode:
			c.run(name, value)
		default:
			c.steps(name, value)
		}
	}
}

// uses holds that what others wrote is what was once looked at; dependabot reads the comment.
func (c *checker) uses(name string, n *yaml.Node) {
	if strings.HasPrefix(n.Value, "./") {
		return
	}
	if !pinned.MatchString(n.Value) || !version.MatchString(n.LineComment) {
		c.faultf("%s:%d: %s is not pinned by a commit's 40 digits with its version in a comment", name, n.Line, n.Value)
	}
}

func (c *checker) run(name string, n *yaml.Node) {
	if strings.Contains(n.Value, "${{") {
		c.faultf("%s:%d: an expression in a run is code that somebody else may have written: hand it over in env", name, n.Line)
	}
	for _, m := range targets.FindAllStringSubmatch(n.Value, -1) {
		for _, target := range word.FindAllString(m[1], -1) {
			if strings.Contains(target, "=") {
				continue
			}
			if _, known := c.makefile[target]; !known {
				c.faultf("%s:%d: the Makefile has no target %s", name, n.Line, target)
			}
			if name == ci || name == action {
				c.ci = append(c.ci, target)
			}
		}
	}
}

// dependabot holds that each Go module has its updates looked for.
func (c *checker) dependabot(root string) error {
	text, err := os.ReadFile(filepath.Join(root, ".github/dependabot.yml"))
	if err != nil {
		return err
	}
	var d struct {
		Updates []struct {
			Ecosystem   string   `yaml:"package-ecosystem"`
			Directories []string `yaml:"directories"`
		} `yaml:"updates"`
	}
	if err := yaml.Unmarshal(text, &d); err != nil {
		return fmt.Errorf("dependabot.yml: %w", err)
	}
	var patterns []string
	for _, u := range d.Updates {
		if u.Ecosystem == "gomod" {
			patterns = append(patterns, u.Directories...)
		}
	}
	return filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && slices.Contains([]string{".git", ".cache", "node_modules"}, e.Name()) {
			return filepath.SkipDir
		}
		if e.Name() != "go.mod" {
			return nil
		}
		dir, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(patterns, func(p string) bool { ok, _ := path.Match(p, "/"+dir); return ok }) {
			c.faultf("dependabot.yml: no gomod has /%s among its directories", dir)
		}
		return nil
	})
}

// makefile has each target's prerequisites.
type makefile map[string][]string

func prerequisites(text string) makefile {
	m := makefile{}
	for _, r := range rule.FindAllStringSubmatch(text, -1) {
		m[r[1]] = append(m[r[1]], strings.Fields(r[2])...)
	}
	return m
}

// parts are the targets that run because of some, without those that only name others.
func (m makefile) parts(targets ...string) (list []string) {
	for _, target := range targets {
		var more []string
		for _, p := range m[target] {
			if _, ours := m[p]; ours {
				more = append(more, p)
			}
		}
		if len(more) == 0 {
			list = append(list, target)
		}
		list = append(list, m.parts(more...)...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
