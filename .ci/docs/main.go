// Command docs checks what the READMEs claim about the tree: each path in backticks is
// there, each `make target` exists, and links between documents lead somewhere.
//
//	go run ./docs ROOT
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	code = regexp.MustCompile("`([^`\n]+)`")
	link = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	path = regexp.MustCompile(`^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+/?$|^[A-Za-z0-9_-]+\.(go|md|tf|sql|lua|js|css|html|csv|yaml|yml)$`)
	// foreign are names in backticks that look like paths and are none of ours: packages
	// of the standard library, and the folders that make run and make e2e keep things in.
	foreign = regexp.MustCompile(`^(net|testing|encoding|log)/|^\.(sixseat|cache)`)
	target  = regexp.MustCompile(`\bmake ([a-z][a-z0-9-]*)`)
	rule    = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):`)
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: docs ROOT")
		os.Exit(2)
	}
	wrong, checked, err := check(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(2)
	}
	for _, line := range wrong {
		fmt.Println(line)
	}
	fmt.Printf("docs: %d claims, %d wrong\n", checked, len(wrong))
	if len(wrong) > 0 || checked == 0 {
		os.Exit(1)
	}
}

func check(root string) (wrong []string, checked int, err error) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		return nil, 0, err
	}
	targets := map[string]bool{}
	for _, m := range rule.FindAllStringSubmatch(string(makefile), -1) {
		targets[m[1]] = true
	}
	files, err := filesOf(root)
	if err != nil {
		return nil, 0, err
	}
	names := map[string]bool{}
	for _, file := range files {
		names[filepath.Base(file)] = true
	}
	for _, file := range files {
		if filepath.Ext(file) != ".md" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, 0, err
		}
		for _, claim := range claims(string(text), targets) {
			checked++
			if !claim.holds(root, filepath.Dir(file), names) {
				wrong = append(wrong, fmt.Sprintf("%s: %s is not there", file, claim.text))
			}
		}
	}
	return wrong, checked, nil
}

// filesOf are the files of the tree, without what others wrote and what tools keep.
func filesOf(root string) (files []string, err error) {
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != root && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".github" || d.Name() == "vendor" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !d.IsDir() {
			files = append(files, file)
		}
		return nil
	})
	return files, err
}

// claim is something that a document says exists.
type claim struct {
	text  string
	known *bool // set for make targets; else text is a path
}

func claims(text string, targets map[string]bool) []claim {
	var list []claim
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		list = append(list, claim{text: m[1]})
	}
	for _, m := range code.FindAllStringSubmatch(text, -1) {
		if path.MatchString(m[1]) && !foreign.MatchString(m[1]) {
			list = append(list, claim{text: m[1]})
		}
	}
	for _, m := range target.FindAllStringSubmatch(text, -1) {
		known := targets[m[1]]
		list = append(list, claim{"make " + m[1], &known})
	}
	return list
}

// holds looks a path up from the root, beside the document, and among the folders below
// it, since a module's README names its own files shortly; a bare name, such as limits.go,
// may be anywhere.
func (c claim) holds(root, dir string, names map[string]bool) bool {
	if c.known != nil {
		return *c.known
	}
	if names[c.text] {
		return true
	}
	for _, pattern := range []string{filepath.Join(root, c.text), filepath.Join(dir, c.text), filepath.Join(dir, "internal", c.text), filepath.Join(dir, "internal", "*", c.text), filepath.Join(dir, "*", c.text), filepath.Join(dir, "internal", "*", "*", c.text)} {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return true
		}
	}
	return false
}
