package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheck_findsWhatIsNotThere(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"Makefile":                "e2e: ## containers\n",
		"pkg/token/sign.go":       "package token\n",
		"README.md":               "`pkg/token/sign.go`, make e2e and [more](.github/CONTRIBUTING.md)\n",
		"pkg/README.md":           "`token/sign.go`, `sign.go`, `token/verify.go` and `verify.go`\n",
		".github/CONTRIBUTING.md": "`pkg/tokens/sign.go`, make e3e and [less](../LESS.md)\n",
		".cache/README.md":        "`no/such/file.go`\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}

	wrong, checked, err := check(root)

	want := "/.github/CONTRIBUTING.md: ../LESS.md is not there\n" +
		"/.github/CONTRIBUTING.md: pkg/tokens/sign.go is not there\n" +
		"/.github/CONTRIBUTING.md: make e3e is not there\n" +
		"/pkg/README.md: token/verify.go is not there\n" +
		"/pkg/README.md: verify.go is not there"
	if got := strings.ReplaceAll(strings.Join(wrong, "\n"), root, ""); err != nil || checked != 10 || got != want {
		t.Errorf("%d claims, %v, wrong:\n%s\nwant 10 and:\n%s", checked, err, got, want)
	}
}
