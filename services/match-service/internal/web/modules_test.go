package web

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	importOf  = regexp.MustCompile(`(?m)^\s*(?:import|export)\b[^'";]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]`)
	comment   = regexp.MustCompile(`(?s)/\*.*?\*/`) // JSDoc types look like imports
	inPage    = regexp.MustCompile(`(?:src|href)="assets/([^"]+)"`)
	preloaded = regexp.MustCompile(`rel="modulepreload" href="assets/([^"]+)"`)
)

// imports are the specifiers in a module, resolved to paths below static/.
func imports(t *testing.T, name string) []string {
	t.Helper()
	var found []string
	code := comment.ReplaceAllString(string(embedded().files[name].Body), "")
	for _, m := range importOf.FindAllStringSubmatch(code, -1) {
		specifier := m[1] + m[2] + m[3]
		if !strings.HasPrefix(specifier, "./") && !strings.HasPrefix(specifier, "../") {
			t.Errorf("%s imports %q: browsers resolve only relative paths here", name, specifier)
			continue
		}
		found = append(found, path.Join(path.Dir(name), specifier))
	}
	return found
}

// source is index.html before the version was put in.
func source(t *testing.T) string {
	t.Helper()
	b, err := static.ReadFile("static/index.html")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPage_namesOnlyFilesThatExist(t *testing.T) {
	found := inPage.FindAllStringSubmatch(source(t), -1)
	if len(found) < 4 {
		t.Fatalf("found %d files in index.html, want at least styles, icon and script", len(found))
	}
	for _, m := range found {
		if embedded().files[m[1]] == nil {
			t.Errorf("index.html names assets/%s, which is not in static/", m[1])
		}
	}
}

func TestModules_importOnlyFilesThatExist(t *testing.T) {
	for name := range embedded().files {
		if path.Ext(name) != ".js" {
			continue
		}
		for _, imported := range imports(t, name) {
			if embedded().files[imported] == nil {
				t.Errorf("%s imports %s, which is not in static/", name, imported)
			}
		}
	}
}

func TestPage_preloadsExactlyTheModulesThatAppNeeds(t *testing.T) {
	needed := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		for _, imported := range imports(t, name) {
			if !needed[imported] && embedded().files[imported] != nil {
				needed[imported] = true
				visit(imported)
			}
		}
	}
	visit("app.js")

	var listed []string
	for _, m := range preloaded.FindAllStringSubmatch(source(t), -1) {
		listed = append(listed, m[1])
	}
	for name := range needed {
		if !slices.Contains(listed, name) {
			t.Errorf("index.html lacks <link rel=\"modulepreload\" href=\"assets/%s\">", name)
		}
	}
	for _, name := range listed {
		if !needed[name] {
			t.Errorf("index.html preloads %s, which nothing imports", name)
		}
	}
	for name := range embedded().files {
		if path.Ext(name) == ".js" && name != "app.js" && !needed[name] {
			t.Errorf("%s is not used: remove it", name)
		}
	}
}

func TestOwnFiles_obeyTheContentSecurityPolicy(t *testing.T) {
	forbidden := regexp.MustCompile(`\.(?:innerHTML|outerHTML|insertAdjacentHTML)|document\.write|\beval\(|new Function|\sstyle="|setAttribute\('style'|\son\w+="`)
	for name, f := range embedded().files {
		if path.Ext(name) == ".js" && !strings.HasPrefix(name, "vendor/") {
			if hit := forbidden.Find(f.Body); hit != nil {
				t.Errorf("%s contains %q: text goes through h() in dom.js, looks into style.css", name, hit)
			}
		}
	}
	if hit := regexp.MustCompile(`<script>|<style|\sstyle="|\son\w+="`).FindString(source(t)); hit != "" {
		t.Errorf("index.html contains %q, which the policy refuses", hit)
	}
}
