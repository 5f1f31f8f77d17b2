package web

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	importOf  = regexp.MustCompile(`(?m)^\s*(?:import|export)\b[^'";]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]`)
	laterOf   = regexp.MustCompile(`\bimport\(\s*['"]([^'"]+)['"]()`)
	comment   = regexp.MustCompile(`(?s)/\*.*?\*/`) // JSDoc types look like imports
	inPage    = regexp.MustCompile(`(?:src|href)="assets/([^"]+)"`)
	script    = regexp.MustCompile(`<script type="module" src="assets/([^"]+)"></script>`)
	preloaded = regexp.MustCompile(`rel="modulepreload" href="assets/([^"]+)"`)
)

// imports are the specifiers that a pattern finds in a module, resolved to paths below static/.
func imports(t *testing.T, name string, pattern *regexp.Regexp) []string {
	t.Helper()
	var found []string
	code := comment.ReplaceAllString(string(embedded().files[name].Body), "")
	for _, m := range pattern.FindAllStringSubmatch(code, -1) {
		specifier := m[1] + m[2]
		if !strings.HasPrefix(specifier, "./") && !strings.HasPrefix(specifier, "../") {
			t.Errorf("%s imports %q: browsers resolve only relative paths here", name, specifier)
			continue
		}
		found = append(found, path.Join(path.Dir(name), specifier))
	}
	return found
}

// sources are the pages before the version was put in.
func sources(t *testing.T) map[string]string {
	t.Helper()
	read := map[string]string{}
	for _, name := range pages {
		b, err := static.ReadFile("static/" + name)
		if err != nil {
			t.Fatal(err)
		}
		read[name] = string(b)
	}
	return read
}

func TestPages_nameOnlyFilesThatExist(t *testing.T) {
	for page, source := range sources(t) {
		found := inPage.FindAllStringSubmatch(source, -1)
		if len(found) < 4 {
			t.Fatalf("found %d files in %s, want at least styles, icon and script", len(found), page)
		}
		for _, m := range found {
			if embedded().files[m[1]] == nil {
				t.Errorf("%s names assets/%s, which is not in static/", page, m[1])
			}
		}
	}
}

func TestModules_importOnlyFilesThatExist(t *testing.T) {
	for name := range embedded().files {
		if path.Ext(name) != ".js" {
			continue
		}
		for _, imported := range slices.Concat(imports(t, name, importOf), imports(t, name, laterOf)) {
			if embedded().files[imported] == nil {
				t.Errorf("%s imports %s, which is not in static/", name, imported)
			}
		}
	}
}

// reach adds what a module imports, and so on, to found.
func reach(t *testing.T, name string, found map[string]bool, patterns ...*regexp.Regexp) {
	t.Helper()
	for _, pattern := range patterns {
		for _, imported := range imports(t, name, pattern) {
			if !found[imported] && embedded().files[imported] != nil {
				found[imported] = true
				reach(t, imported, found, patterns...)
			}
		}
	}
}

// What is imported later, by import(), is not preloaded: that is what it is for.
func TestPages_preloadExactlyTheModulesThatTheyNeed(t *testing.T) {
	used := map[string]bool{}
	for page, source := range sources(t) {
		entry := script.FindStringSubmatch(source)
		if entry == nil {
			t.Fatalf("%s starts no module", page)
		}
		needed := map[string]bool{}
		reach(t, entry[1], needed, importOf)
		var listed []string
		for _, m := range preloaded.FindAllStringSubmatch(source, -1) {
			listed = append(listed, m[1])
		}
		for name := range needed {
			if !slices.Contains(listed, name) {
				t.Errorf("%s lacks <link rel=\"modulepreload\" href=\"assets/%s\">", page, name)
			}
		}
		for _, name := range listed {
			if !needed[name] {
				t.Errorf("%s preloads %s, which it does not need at first", page, name)
			}
		}
		used[entry[1]] = true
		reach(t, entry[1], used, importOf, laterOf)
	}
	for name := range embedded().files {
		if path.Ext(name) == ".js" && !used[name] {
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
	for page, source := range sources(t) {
		if hit := regexp.MustCompile(`<script>|<style|\sstyle="|\son\w+="`).FindString(source); hit != "" {
			t.Errorf("%s contains %q, which the policy refuses", page, hit)
		}
	}
}
