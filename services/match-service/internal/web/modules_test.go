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
	importOf  = regexp.MustCompile(`(?m)^\s*(?:import|export)\b[^'";]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]`)
	laterOf   = regexp.MustCompile(`\bimport\(\s*['"]([^'"]+)['"]()`)
	comment   = regexp.MustCompile(`(?s)/\*.*?\*/`) // JSDoc types look like imports
	inPage    = regexp.MustCompile(`(?:src|href)="assets/([^"]+)"`)
	script    = regexp.MustCompile(`<script type="module" src="assets/([^"]+)"></script>`)
	preloaded = regexp.MustCompile(`rel="modulepreload" href="assets/([^"]+)"`)
	template  = regexp.MustCompile(`(?s)<template id="later">.*?</template>`) // inert until rooms.js asks for it
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

// preloads are the modules that a piece of a page has fetched beforehand.
func preloads(html string) map[string]bool {
	found := map[string]bool{}
	for _, m := range preloaded.FindAllStringSubmatch(html, -1) {
		found[m[1]] = true
	}
	return found
}

// compare says which modules a list lacks and which it has in vain.
func compare(t *testing.T, list string, listed, needed map[string]bool) {
	t.Helper()
	for name := range needed {
		if !listed[name] {
			t.Errorf("%s lacks <link rel=\"modulepreload\" href=\"assets/%s\">", list, name)
		}
	}
	for name := range listed {
		if !needed[name] {
			t.Errorf("%s preloads %s, which is not needed there", list, name)
		}
	}
}

// What a page imports is preloaded; what the modules of its first sight ask for with import()
// is in the template, with all that this imports. What those ask for with import() in their
// turn, stompjs, comes when it is wanted.
func TestPages_preloadExactlyTheModulesThatTheyNeed(t *testing.T) {
	used := map[string]bool{}
	for page, source := range sources(t) {
		entry := script.FindStringSubmatch(source)
		if entry == nil {
			t.Fatalf("%s starts no module", page)
		}
		first := map[string]bool{}
		reach(t, entry[1], first, importOf)
		later := map[string]bool{}
		for name := range first {
			for _, asked := range imports(t, name, laterOf) {
				later[asked] = true
				reach(t, asked, later, importOf)
			}
		}
		maps.DeleteFunc(later, func(name string, _ bool) bool { return first[name] })

		compare(t, page, preloads(template.ReplaceAllString(source, "")), first)
		compare(t, page+"'s template", preloads(template.FindString(source)), later)
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
