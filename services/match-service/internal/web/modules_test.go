package web

import (
	"maps"
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
	script    = regexp.MustCompile(`<script type="module" src="assets/([^"]+)"></script>`)
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
		for _, imported := range imports(t, name) {
			if embedded().files[imported] == nil {
				t.Errorf("%s imports %s, which is not in static/", name, imported)
			}
		}
	}
}

// needs are the modules that one imports, and those that they import.
func needs(t *testing.T, entry string) map[string]bool {
	t.Helper()
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
	visit(entry)
	return needed
}

func TestPages_preloadExactlyTheModulesThatTheyNeed(t *testing.T) {
	used := map[string]bool{}
	for page, source := range sources(t) {
		entry := script.FindStringSubmatch(source)
		if entry == nil {
			t.Fatalf("%s starts no module", page)
		}
		needed := needs(t, entry[1])
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
				t.Errorf("%s preloads %s, which nothing imports", page, name)
			}
		}
		needed[entry[1]] = true
		maps.Copy(used, needed)
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
